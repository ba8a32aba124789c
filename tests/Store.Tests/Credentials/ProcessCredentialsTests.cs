using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SyncAgent.Store.Tests;

[SupportedOSPlatform("linux")]
public sealed class ProcessCredentialsTests : IDisposable
{
    private const string Answer = """{"Version":1,"AccessKeyId":"i","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-11-21T13:00:00Z"}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("syncagent run ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, string?, string?> Answers => new()
    {
        { Answer, "t", "2026-11-21T13:00:00Z" },
        { """{"Version":1,"AccessKeyId":"i","SecretAccessKey":"s"}""", null, null },
        { """{"mode":"StsToken","access_key_id":"i","access_key_secret":"s","sts_token":"t","expiration":"2026-11-21T21:00:00+08:00"}""", "t", "2026-11-21T13:00:00Z" },
        { """{"mode":"AK","access_key_id":"i","access_key_secret":"s"}""", null, null },
        { """{"Code":"Success","AccessKeyId":"i","AccessKeySecret":"s","SecurityToken":"t","Expiration":"2026-11-21T13:00:00Z"}""", "t", "2026-11-21T13:00:00Z" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task The_documented_forms_are_understood(string answer, string? token, string? expires)
    {
        var fetched = await Make($"'{Script($"printf '%s' '{answer}'")}'").FetchAsync(default);
        Assert.Equal(new StoreCredentials("i", "s", token), fetched.Credentials);
        Assert.Equal(expires is null ? null : DateTimeOffset.Parse(expires), fetched.Expires);
    }

    [Fact]
    public async Task Arguments_reach_the_command_as_they_are()
    {
        var script = Script($"[ \"$#|$1|$2|$3\" = '3|a b|$HOME;*|c\"d' ] && echo '{Answer}' || echo \"got $#|$1|$2|$3\" >&2");
        await Make($"\"{script}\" 'a b'  $HOME\\;* c\\\"d").FetchAsync(default);
    }

    [Fact]
    public async Task A_shell_is_used_only_when_asked_for()
    {
        var command = $"'{Script("cat \"$1\"")}' /dev/null || echo; echo '{Answer}'";
        await Assert.ThrowsAsync<StoreException>(() => Make(command).FetchAsync(default));
        Assert.Equal("i", (await Make(command, throughShell: true).FetchAsync(default)).Credentials.AccessKeyId);
    }

    [Fact]
    public async Task A_failure_shows_what_the_command_complained_about_and_nothing_that_it_gave()
    {
        var script = Script($"echo '{Answer.Replace("\"s\"", "\"the-secret\"", StringComparison.Ordinal)}'; echo 'vault is sealed' >&2; exit 3");
        var error = await Assert.ThrowsAsync<StoreException>(() => Make($"'{script}' --password the-argument").FetchAsync(default));
        Assert.Equal(StoreErrorKind.BadCredentials, error.Kind);
        Assert.Contains("ended with 3: vault is sealed", error.Message, StringComparison.Ordinal);
        foreach (var secret in new[] { "the-secret", "the-argument" }) Assert.DoesNotContain(secret, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the-secret", "no JSON")]
    [InlineData("[1]", "no JSON object")]
    [InlineData("""{"AccessKeyId":"i","Extra":"the-secret"}""", "no AccessKeySecret")]
    [InlineData("""{"Version":2,"AccessKeyId":"i","SecretAccessKey":"the-secret"}""", "version")]
    [InlineData("""{"AccessKeyId":"i","SecretAccessKey":"the-secret","Expiration":"soon"}""", "Expiration")]
    public async Task An_answer_that_cannot_be_used_is_not_repeated(string answer, string why)
    {
        var error = await Assert.ThrowsAsync<StoreException>(() => Make($"'{Script($"printf '%s' '{answer}'")}'").FetchAsync(default));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the-secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_does_not_end_is_ended_with_its_children()
    {
        var time = new ManualTime();
        var fifo = Path.Combine(_folder, "alive");
        Assert.Equal(0, MkFifo(fifo, 0b110_000_000));
        var fetching = Make($"'{Script($"exec 3>'{fifo}'; sleep 1000 & echo started >&3; wait")}'", time: time).FetchAsync(default);
        using var alive = new StreamReader(fifo);
        Assert.Equal("started", await alive.ReadLineAsync());
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(StoreErrorKind.Timeout, (await Assert.ThrowsAsync<StoreException>(() => fetching)).Kind);
        // The pipe ends once nobody has it open any more: neither the command nor its child.
        Assert.Null(await alive.ReadLineAsync());
    }

    [Fact]
    public async Task Much_output_blocks_nobody()
    {
        var script = Script($"i=0; while [ $i -lt 3000 ]; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx >&2; i=$((i+1)); done; echo '{Answer}'");
        Assert.Equal("i", (await Make($"'{script}'").FetchAsync(default)).Credentials.AccessKeyId);
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_named()
    {
        var error = await Assert.ThrowsAsync<StoreException>(() => Make("/nowhere/get-keys --for me").FetchAsync(default));
        Assert.Contains("/nowhere/get-keys could not be started", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("a 'b")]
    public void A_command_line_that_makes_no_sense_is_refused(string command) => Assert.Throws<ArgumentException>(() => Make(command));

    private static ProcessCredentials Make(string command, bool throughShell = false, TimeProvider? time = null) =>
        new(command, throughShell, TimeSpan.FromMinutes(1), time ?? TimeProvider.System);

    private string Script(string body)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():n}.sh");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>mkfifo(3): 0, or -1.</summary>
    [DllImport("libc", EntryPoint = "mkfifo")]
    private static extern int MkFifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);
}
