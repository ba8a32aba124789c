using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using SyncAgent.Agent.Tests.Support;

namespace SyncAgent.Agent.Tests;

/// <summary>The description of the API: docs/openapi.json is what the agent says of itself, and those who talk to it ask for nothing else.</summary>
public sealed partial class OpenApiTests : IAsyncLifetime
{
    private static readonly string Repository = typeof(OpenApiTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "RepositoryRoot").Value!;

    private static readonly string Folder = Path.Combine(Repository, "docs");

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private StatusRig _rig = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _rig = await StatusRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    /// <summary>SYNCAGENT_WRITE_OPENAPI=1 writes it anew, to be read before it is committed: within a version nothing goes or changes its meaning.</summary>
    [Fact]
    public async Task The_description_in_the_documents_is_the_agents()
    {
        var said = JsonNode.Parse(await _rig.Http.GetStringAsync("v1/openapi.json", Stop))!.ToJsonString(Indented) + "\n";
        var file = Path.Combine(Folder, "openapi.json");
        if (Environment.GetEnvironmentVariable("SYNCAGENT_WRITE_OPENAPI") == "1") await File.WriteAllTextAsync(file, said, Stop);
        Assert.Equal(await File.ReadAllTextAsync(file, Stop), said);
    }

    [Fact]
    public async Task Everything_is_described_with_its_answer_and_refers_to_what_is_there()
    {
        var document = await _rig.GetAsync("v1/openapi.json");
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                Assert.NotEqual("", operation.Value.GetProperty("summary").GetString());
                Assert.True(operation.Value.GetProperty("responses").TryGetProperty("2XX", out _), path.Name);
            }
        }

        foreach (Match reference in References().Matches(document.GetRawText()))
            Assert.NotEqual(JsonValueKind.Undefined, reference.Groups[1].Value.Split('/')[1..].Aggregate(document, Step).ValueKind);
    }

    /// <summary>An answer holds what its schema names: the schemas are made of the types, but a route could send another.</summary>
    [Theory]
    [InlineData("/v1/status")]
    [InlineData("/v1/files")]
    [InlineData("/v1/history")]
    [InlineData("/v1/drives")]
    [InlineData("/v1/limits")]
    [InlineData("/v1/wait")]
    [InlineData("/v1/pins")]
    [InlineData("/v1/deletes")]
    [InlineData("/v1/uploads")]
    [InlineData("/v1/hidden")]
    [InlineData("/v1/verify")]
    [InlineData("/v1/health")]
    public async Task An_answer_is_as_described(string path)
    {
        _rig.Agent.Drive.MakeFile("a", [1]);
        var document = await _rig.GetAsync("v1/openapi.json");
        var name = document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty("2XX").GetProperty("content")
            .GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString()!.Split('/')[^1];
        var schema = document.GetProperty("components").GetProperty("schemas").GetProperty(name);
        foreach (var field in (await _rig.GetAsync(path[1..])).EnumerateObject()) Assert.True(schema.GetProperty("properties").TryGetProperty(field.Name, out _), field.Name);
    }

    [Fact]
    public async Task Those_who_talk_to_the_agent_ask_for_nothing_else()
    {
        var paths = (await _rig.GetAsync("v1/openapi.json")).GetProperty("paths").EnumerateObject().Select(path => path.Name).ToHashSet();
        var files = Directory.EnumerateFiles(Path.Combine(Repository, "src"), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".js" && !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)).ToList();
        var asked = files.SelectMany(file => Requests().Matches(File.ReadAllText(file)).Select(match => (file, Path: "/" + match.Groups[1].Value))).ToList();
        Assert.Contains(asked, request => request.Path == "/v1/status");
        Assert.All(asked, request => Assert.Contains(request.Path, paths));
    }

    private static JsonElement Step(JsonElement at, string name) => at.ValueKind == JsonValueKind.Array ? at[int.Parse(name)] : at.GetProperty(name);

    [GeneratedRegex("\"(#/[^\"]*)\"")]
    private static partial Regex References();

    [GeneratedRegex("[\"'`]/?(v1/[a-z]+(?:[-/.][a-z]+)*)(?=[\"'`?])")]
    private static partial Regex Requests();
}
