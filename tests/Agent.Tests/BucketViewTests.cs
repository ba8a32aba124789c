using System.Text.Json;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Fs.Core;

namespace SyncAgent.Agent.Tests;

/// <summary><c>syncagent refresh</c> and <c>ls --hidden</c> on a live agent.</summary>
public sealed class BucketViewTests : IAsyncLifetime
{
    private readonly Support.Cli _cli = new();
    private StatusRig _rig = null!;

    private string State => _rig.Agent.Drive.Folder;

    public async ValueTask InitializeAsync() => _rig = await StatusRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_refresh_goes_to_the_drive_with_the_path_below_it()
    {
        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("refresh", "/mnt/x/a b/‛‛", "-r", "--state", State));
        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("refresh", "--state", State));
        Assert.Equal([("a b/‛‛", true), ("", false)], _rig.Agent.Live.Refreshes);
        Assert.Equal("3 folders listed\n", _cli.Out);
    }

    [Fact]
    public async Task A_refresh_of_what_is_not_there_says_so()
    {
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("refresh", "/mnt/x/gone", "--state", State));
        Assert.Contains("/mnt/x/gone: no such file or directory", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("refresh", "/mnt/elsewhere", "--state", State));
        Assert.Contains("/mnt/elsewhere is in no mounted drive", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pins_are_set_shown_and_taken_away()
    {
        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("pin", "/mnt/x/a", "/mnt/x", "--state", State));
        Assert.Equal("/mnt/x/a  pinned: 2 files (2 KiB), 1 KiB still to fetch\n/mnt/x  pinned: 2 files (2 KiB), 1 KiB still to fetch\n", _cli.Out);
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("pin", "/mnt/x/gone", "--state", State));
        Assert.Contains("/mnt/x/gone: no such file or directory", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("pin", "/mnt/elsewhere", "--state", State));

        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("pins", "--json", "--state", State));
        Assert.Equal(["/mnt/x/a", "/mnt/x"], JsonDocument.Parse(_cli.Out).RootElement.GetProperty("pins").EnumerateArray().Select(pin => pin.GetProperty("path").GetString()));
        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("unpin", "/mnt/x/a", "--state", State));
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("unpin", "/mnt/x/a", "--state", State));
        Assert.Contains("/mnt/x/a itself is not pinned", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_that_cannot_be_shown_are_counted_and_listed()
    {
        _rig.Agent.Live.Hidden = new HiddenReport(
            12, [new HiddenKey("p/long/", HiddenReason.NameTooLong), new HiddenKey("p/full/", HiddenReason.FolderWithContent)]);

        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("status", "--state", State));
        Assert.Contains("12 keys cannot be shown: syncagent ls --hidden", _cli.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("status", "--json", "--state", State));
        Assert.Equal(12, JsonDocument.Parse(_cli.Out).RootElement.GetProperty("drives")[0].GetProperty("hiddenKeys").GetInt64());

        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("ls", "--hidden", "--state", State));
        Assert.Equal(
            """
            /mnt/x: p/long/: a name in it is longer than 255 bytes
            /mnt/x: p/full/: it ends in / and holds bytes; only the folder is shown
            2 of 12 keys that cannot be shown, in the folders listed so far

            """,
            _cli.Out);
        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("ls", "p/l", "--hidden", "--json", "--state", State));
        Assert.Equal("""{"mountPoint":"/mnt/x","key":"p/long/","reason":"NameTooLong"}""" + "\n", _cli.Out);
    }

    [Fact]
    public async Task Waits_and_reports_know_paths_by_the_names_that_are_shown()
    {
        var folder = _rig.Agent.Drive.MakeDirectory("‛‛");
        var file = _rig.Agent.Drive.MakeFile("‛..", [1], folder);
        _rig.Agent.Drive.Change(writer => writer.Fail(file, Journal.Problem.Failed, "refused"));
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("wait", "/mnt/x/‛‛/‛..", "--timeout", "0", "--state", State));
        Assert.Contains("failed: /mnt/x/‛‛/‛..: refused", _cli.Out + _cli.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.TimedOut, await _cli.RunAsync("wait", "/mnt/x/‛‛", "--timeout", "0", "--state", State)); // the folder itself is pending
    }
}
