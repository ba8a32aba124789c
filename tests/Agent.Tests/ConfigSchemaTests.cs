using System.Text.Json;
using NJsonSchema;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Tests;

/// <summary>The printed schema, judged by somebody else's validator, agrees with the reader of the file.</summary>
public sealed class ConfigSchemaTests
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static readonly Lazy<Task<JsonSchema>> Schema = new(PrintAsync);

    [Fact]
    public async Task The_example_that_packages_bring_fits() =>
        Assert.Empty(await ValidateAsync(await File.ReadAllTextAsync(Path.Combine(ConfigDocTests.Root, "installer/linux/config.example.json"), TestContext.Current.CancellationToken)));

    [Theory]
    [MemberData(nameof(ConfigDocTests.Examples), MemberType = typeof(ConfigDocTests))]
    public async Task Examples_of_the_documentation_fit(string example) => Assert.Empty(await ValidateAsync(ConfigDocTests.Whole(example)));

    [Theory]
    [MemberData(nameof(ConfigDocTests.DeclaredKeys), MemberType = typeof(ConfigDocTests))]
    public async Task A_wrong_kind_of_value_is_marked(string path) => Assert.NotEmpty(await ValidateAsync(ConfigDocTests.At(path, "[[1]]")));

    [Theory]
    [InlineData("""{ "$schema": "schema.json", "state": "/s" }""", true)]
    [InlineData("""{ "stat": "/s" }""", false)]
    [InlineData("""{ "transfer": { "partSize": "8 MiB", "parallelParts": 64, "debounceSeconds": 0.5, "checksum": "crc64" } }""", true)]
    [InlineData("""{ "transfer": { "partSize": "8 parsecs" } }""", false)]
    [InlineData("""{ "transfer": { "partSize": 1 } }""", false)]
    [InlineData("""{ "transfer": { "parallelParts": 65 } }""", false)]
    [InlineData("""{ "transfer": { "checksum": "md4" } }""", false)]
    [InlineData("""{ "limits": { "upload": "unlimited", "download": 1024, "stagingReserve": 0 } }""", true)]
    [InlineData("""{ "limits": { "upload": "fast" } }""", false)]
    [InlineData("""{ "limits": { "timetable": [ { "days": ["someday"], "from": "08:00", "to": "09:00" } ] } }""", false)]
    [InlineData("""{ "limits": { "timetable": [ { "from": "08:00", "to": "09:00" } ] } }""", false)]
    [InlineData("""{ "drives": [ { "bucket": "example", "region": "cn-hangzhou" } ] }""", false)]
    [InlineData("""{ "drives": [ { "mount": "/a", "bucket": "example", "region": "cn-hangzhou", "limits": { "stagingReserve": 0 } } ] }""", false)]
    [InlineData("""{ "drives": [ { "mount": "/a", "bucket": "example", "region": "cn-hangzhou", "limits": { "cacheSize": 0 }, "credentials": "file:keys" } ] }""", true)]
    [InlineData("""{ "drives": [ { "mount": "/a", "bucket": "example", "region": "cn-hangzhou", "credentials": { "source": "ecs", "typo": 1 } } ] }""", false)]
    public async Task Reader_and_schema_agree(string config, bool fits)
    {
        var mistakes = new List<string>();
        ConfigFile.Parse(config, "/", mistakes);
        Assert.Equal(fits, mistakes.Count == 0);
        Assert.Equal(fits, (await ValidateAsync(config)).Count == 0);
    }

    private static async Task<IReadOnlyCollection<object>> ValidateAsync(string config)
    {
        using var document = JsonDocument.Parse(config, Lenient);
        return [.. (await Schema.Value).Validate(JsonSerializer.Serialize(document.RootElement))];
    }

    private static async Task<JsonSchema> PrintAsync()
    {
        var cli = new Support.Cli();
        Assert.Equal(ExitCodes.Ok, await cli.RunAsync("config", "schema"));
        return await JsonSchema.FromJsonAsync(cli.Out);
    }
}
