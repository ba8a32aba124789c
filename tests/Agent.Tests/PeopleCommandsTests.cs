using System.Text.Json.Nodes;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Tests;

/// <summary>What people see of an agent and do with it on the command line.</summary>
public sealed class PeopleCommandsTests : IAsyncLifetime
{
    private static readonly DriveStatus Drive = new(
        "/mnt/x", true, false, "oss", "host", "", "", "bucket", "p/", new StoreHealth("ok", null, null), new Dictionary<FileState, long>(), 0, 0, [], [], 0, 0, 0);

    private readonly Support.Cli _cli = new();
    private StatusRig _rig = null!;

    private string State => _rig.Agent.Drive.Folder;

    public async ValueTask InitializeAsync()
    {
        _rig = await StatusRig.StartAsync();
        _cli.Environment["XDG_RUNTIME_DIR"] = _cli.Environment["HOME"] = State;
        _cli.Environment["XDG_STATE_HOME"] = Path.Combine(State, "none");
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public void A_picture_says_how_far_how_fast_how_long_and_what_helps()
    {
        var status = Picture(Drive with
        {
            State = SyncStates.Attention,
            Files = new Dictionary<FileState, long> { [FileState.Queued] = 1204, [FileState.Synced] = 13_204 },
            Active = [new ActiveFile(1, "p/films/one.mkv", 450, 1000) { Path = "/mnt/x/films/one.mkv", BytesPerSecond = 2 << 20, EtaSeconds = 95 }],
            Problems = [new FileReport("/mnt/x/bad\e[31m", FileState.Failed, "The key is too long. Shorten the name.")],
            ProblemCount = 1,
        }) with
        {
            State = SyncStates.Attention, Speed = new SpeedStatus(2 << 20, 0), Totals = new TotalsStatus(1204, 1, 1, 100 << 20) { SentBytes = 40 << 20 },
        };
        Assert.Equal(
            """
            attention: 1 needs you, 1,205 files to send, 60 MiB left, about 30 s, up 2 MiB/s
            /mnt/x  attention
              oss: bucket/p/ at host, ok
              files: 1,204 queued, 13,204 synced
              sending [#########-----------]  45 % of 1000 B     2 MiB/s      1 min 35 s left  films/one.mkv
              failed: /mnt/x/bad?[31m
                The key is too long. Shorten the name.
              When that is done: syncagent retry
            agent 1.0, pid 7, since 2026-01-02 03:04:05Z, state /state

            """,
            StatusText.Of(status));
        var coloured = StatusText.Of(status, new Paint(on: true));
        Assert.Contains("\e[31mattention\e[0m: \e[31m1 needs you\e[0m", coloured, StringComparison.Ordinal);
        Assert.Contains("\e[36m#########\e[0m", coloured, StringComparison.Ordinal);
        Assert.StartsWith("idle: everything is in the bucket\n", StatusText.Of(Picture(Drive)), StringComparison.Ordinal);
        Assert.StartsWith("idle: everything is in the bucket, down 1 KiB/s\n", StatusText.Of(Picture(Drive) with { Speed = new SpeedStatus(5000, 1024) }), StringComparison.Ordinal);
        Assert.StartsWith("idle: nothing is mounted\n", StatusText.Of(Picture()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "xterm", null, true)]
    [InlineData(true, "xterm", "1", false)]
    [InlineData(true, "dumb", null, false)]
    [InlineData(true, null, null, false)]
    [InlineData(false, "xterm", null, false)]
    public void Colours_are_for_terminals_that_want_them(bool interactive, string? terminal, string? noColour, bool expected) => Assert.Equal(
        expected, Paint.Of(_cli.Context with { Interactive = interactive, Environment = name => name == "TERM" ? terminal : name == "NO_COLOR" ? noColour : null }).IsOn);

    [Fact]
    public void What_is_most_urgent_is_the_next_command()
    {
        Assert.Equal("syncagent init", NextCommand.Of(Picture()).Command);
        Assert.Equal("syncagent open", NextCommand.Of(Picture(Drive)).Command);
        var busy = Drive with { Files = new Dictionary<FileState, long> { [FileState.Queued] = 1 } };
        Assert.Equal("syncagent status --watch", NextCommand.Of(Picture(busy)).Command);
        Assert.Equal("syncagent resume", NextCommand.Of(Picture(busy, Drive with { Health = new StoreHealth("paused", null, null) })).Command);
        Assert.Equal("syncagent doctor", NextCommand.Of(Picture(busy with { Health = new StoreHealth("refused", null, "no") })).Command);
        Assert.Equal("syncagent interrupted list", NextCommand.Of(Picture(busy, Drive with { Files = new Dictionary<FileState, long> { [FileState.Incomplete] = 1 } })).Command);
        Assert.Equal("syncagent deletes list", NextCommand.Of(Picture(busy with { DeletesHeld = 3 })).Command);
        Assert.Equal("syncagent doctor", NextCommand.Of(Picture(Drive) with { DiskProblem = "full" }).Command);
    }

    [Fact]
    public async Task Without_a_command_it_shows_all_agents_and_what_is_next()
    {
        Assert.Equal(0, await _cli.RunAsync());
        Assert.Contains("no agent runs", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("next: syncagent init", _cli.Out, StringComparison.Ordinal);
        new MountRegistry(StateFolder.Runtime(name => _cli.Environment.GetValueOrDefault(name))).Add("/mnt/x", State);
        Assert.Equal(0, await _cli.RunAsync());
        Assert.Contains("  /mnt/x  idle  no files\n", _cli.Out, StringComparison.Ordinal);
        Assert.Contains("next: syncagent open", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_shows_the_newest_last_and_can_be_searched()
    {
        var row = _rig.Agent.Drive.Row;
        for (var i = 0; i < 40; i++)
        {
            var key = $"{row.Prefix}d{i % 2}/f{i}";
            _rig.Agent.Drive.Change(writer => writer.AddHistory(new HistoryRow(0, row.Id, i * 1000, HistoryKind.Uploaded, key, i, "e", null)));
        }

        _rig.Agent.Drive.Change(writer => writer.AddHistory(new HistoryRow(0, row.Id, 99_000, HistoryKind.Failed, row.Prefix + "bad\e", 1, null, "It is refused. Rename it.")));
        Assert.Equal(0, await _cli.RunAsync("log", "--state", State));
        var lines = _cli.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(31, lines.Length);
        Assert.EndsWith("/mnt/x/d1/f39", lines[^3], StringComparison.Ordinal);
        Assert.EndsWith("/mnt/x/bad?", lines[^2], StringComparison.Ordinal);
        Assert.EndsWith("  It is refused. Rename it.", lines[^1], StringComparison.Ordinal);

        Assert.Equal(0, await _cli.RunAsync("log", "--json", "--search", "f1", "-n", "3", "/mnt/x/d1", "--state", State));
        Assert.Equal(
            ["/mnt/x/d1/f15", "/mnt/x/d1/f17", "/mnt/x/d1/f19"],
            _cli.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (string)JsonNode.Parse(line)!["path"]!));
    }

    [Fact]
    public async Task A_followed_log_goes_on_with_what_happens()
    {
        var row = _rig.Agent.Drive.Row;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var output = new NoticingWriter("later", () => stop.Cancel());
        _rig.Agent.Drive.Change(writer => writer.AddHistory(new HistoryRow(0, row.Id, 1, HistoryKind.Uploaded, row.Prefix + "sooner", 1, "e", null)));
        output.Seen("sooner", () => _rig.Agent.Drive.Change(writer => writer.AddHistory(new HistoryRow(0, row.Id, 2, HistoryKind.Deleted, row.Prefix + "later", 1, "e", null))));
        Assert.Equal(0, await CommandLine.RunAsync(["log", "--follow", "--state", State], _cli.Context with { Out = output, Stop = stop.Token }));
        Assert.Matches("uploaded .*/mnt/x/sooner\n.*deleted .*/mnt/x/later\n$", output.ToString());
    }

    [Fact]
    public async Task The_page_is_opened_on_a_desktop_and_its_address_printed_elsewhere()
    {
        var opened = new List<string>();
        _cli.RunProgram = (program, arguments, _) =>
        {
            opened.Add($"{program} {arguments[0]}");
            return Task.FromResult(new ProgramResult(0, "", ""));
        };
        Assert.Equal(0, await _cli.RunAsync("open", "--state", State));
        Assert.Matches(@"^http://127\.0\.0\.1:\d+/open\?t=[0-9a-f]{32,}\n$", _cli.Out);
        Assert.Empty(opened);
        _cli.Environment["DISPLAY"] = ":0";
        Assert.Equal(0, await _cli.RunAsync("open", "--state", State));
        Assert.Empty(_cli.Out);
        Assert.StartsWith("xdg-open http://127.0.0.1:", Assert.Single(opened), StringComparison.Ordinal);
        Assert.Equal(0, await _cli.RunAsync("open", "--print", "--state", State));
        Assert.StartsWith("http://", _cli.Out, StringComparison.Ordinal);

        _cli.RunProgram = (program, _, _) => throw new IOException($"{program} is not there");
        Assert.Equal(0, await _cli.RunAsync("open", "--state", State));
        Assert.StartsWith("http://", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_failed_is_tried_again_and_scripts_get_the_apis_answers_and_errors()
    {
        var node = _rig.Agent.Drive.MakeFile("f", [1, 2, 3]);
        _rig.Agent.Drive.Change(writer => writer.Fail(node, Problem.Failed, "no"));
        Assert.Equal(0, await _cli.RunAsync("retry", "/mnt/x/other", "--json", "--state", State));
        Assert.Equal("""{"files":0}""" + "\n", _cli.Out);
        Assert.Equal(0, await _cli.RunAsync("retry", "/mnt/x/f", "--state", State));
        Assert.Contains("1 file is tried again", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("retry", "/elsewhere", "--json", "--state", State));
        Assert.Equal(ExitCodes.NeedsUser, (int)JsonNode.Parse(_cli.Out)!["exitCode"]!);
        Assert.Contains("/elsewhere", (string)JsonNode.Parse(_cli.Out)!["error"]!, StringComparison.Ordinal);

        Assert.Equal(0, await _cli.RunAsync("pause", "--json", "--state", State));
        Assert.Equal("""{"mountPoints":["/mnt/x"]}""" + "\n", _cli.Out);
        Assert.Equal(0, await _cli.RunAsync("pause", "/mnt/x", "--state", State));
        Assert.Equal("/mnt/x: paused\n", _cli.Out);
        Assert.Equal(0, await _cli.RunAsync("pause", "/mnt/x/f", "--state", State));
        Assert.Equal("/mnt/x/f: paused\n", _cli.Out);
        Assert.Equal(0, await _cli.RunAsync("cancel", "/mnt/x/f", "--json", "--state", State));
        Assert.Equal("""{"mountPoints":[],"paths":["/mnt/x/f"]}""" + "\n", _cli.Out);
        Assert.Equal([(node, false), (node, true)], _rig.Agent.Live.Holds);
        var folder = _rig.Agent.Drive.MakeDirectory("many");
        for (var i = 0; i < 10; i++) _rig.Agent.Drive.MakeFile($"f{i}", [1], folder);
        Assert.Equal(0, await _cli.RunAsync("pause", "/mnt/x/many", "--state", State));
        Assert.Equal("11 files and folders: paused\n", _cli.Out);
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("resume", "/mnt/x/none", "--state", State));
        Assert.Contains("nothing there is held back", _cli.Error, StringComparison.Ordinal);
        Assert.True(_rig.Agent.Live.IsPaused);
        Assert.Equal(0, await _cli.RunAsync("deletes", "list", "--json", "--state", State));
        Assert.NotNull(JsonNode.Parse(_cli.Out)!["drives"]);
        Assert.Equal(0, await _cli.RunAsync("interrupted", "list", "--json", "--state", State));
        Assert.False((bool)JsonNode.Parse(_cli.Out)!["more"]!);
        Assert.Equal(ExitCodes.TimedOut, await _cli.RunAsync("wait", "--timeout", "0", "--json", "--state", State));
        Assert.Equal("Busy", (string)JsonNode.Parse(_cli.Out)!["outcome"]!);
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("status", "--json", "--state", Path.Combine(State, "none")));
        Assert.Contains("no agent runs", (string)JsonNode.Parse(_cli.Out)!["error"]!, StringComparison.Ordinal);
    }

    private static StatusSnapshot Picture(params DriveStatus[] drives) =>
        new(new AgentStatus(7, "1.0+abc", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "/state"), drives, 0, 0, null);

    /// <summary>Does something when a text was written for the first time.</summary>
    private sealed class NoticingWriter : StringWriter
    {
        private readonly Dictionary<string, Action> _wanted = [];

        public NoticingWriter(string text, Action action) => Seen(text, action);

        public void Seen(string text, Action action) => _wanted[text] = action;

        public override async Task WriteLineAsync(string? value)
        {
            await base.WriteLineAsync(value);
            foreach (var (text, action) in _wanted.Where(pair => value!.Contains(pair.Key, StringComparison.Ordinal)).ToList())
            {
                _wanted.Remove(text);
                action();
            }
        }
    }
}
