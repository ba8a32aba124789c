using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

/// <summary>"syncagent package unsent" decides whether purging a package may delete a state folder: only exit code 0 allows it.</summary>
public sealed class PackageCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Support.Cli _cli = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_folder_with_nothing_of_its_own_may_go()
    {
        using var drive = new TestDrive(TimeProvider.System);
        Assert.Equal(0, await AskAsync(drive.Folder));
        Assert.Equal("", _cli.Out);
        Assert.Equal(0, await AskAsync(_folder.At("missing")));
        Assert.False(Directory.Exists(_folder.At("missing")));
    }

    [Fact]
    public async Task What_is_pending_is_open_or_is_ignored_is_told()
    {
        using var drive = new TestDrive(TimeProvider.System);
        var file = drive.MakeFile("a", [1, 2]);
        Assert.Equal(ExitCodes.NeedsUser, await AskAsync(drive.Folder));
        Assert.Contains($"not in the bucket {drive.Row.Bucket} yet: 1 file or folder to send (2 B)", _cli.Out, StringComparison.Ordinal);

        drive.Change(writer => writer.SetIgnored(file, true, 0));
        Assert.Equal(ExitCodes.NeedsUser, await AskAsync(drive.Folder));
        Assert.Contains("by its rules: 1 file (2 B)", _cli.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("to send", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_nobody_closed_before_the_agent_died_is_told()
    {
        using var drive = new TestDrive(TimeProvider.System);
        drive.Open(drive.MakeFile("a", []));
        Assert.Equal(ExitCodes.NeedsUser, await AskAsync(drive.Folder));
        Assert.Contains("1 file that needs you", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staged_files_and_found_ones_that_no_journal_knows_are_told()
    {
        using (var drive = new TestDrive(TimeProvider.System, _folder.Path))
        {
            await File.WriteAllTextAsync(_folder.At("staging/0123456789abcdef0123456789abcdef"), "bytes", TestContext.Current.CancellationToken);
            Directory.CreateDirectory(_folder.At("lost+found"));
            await File.WriteAllTextAsync(_folder.At("lost+found/20250101T000000Z-x"), "bytes", TestContext.Current.CancellationToken);
            Assert.Equal(ExitCodes.NeedsUser, await AskAsync(_folder.Path));
            Assert.Contains("does not know: 1 file", _cli.Out, StringComparison.Ordinal);
            Assert.Contains($"{_folder.At("lost+found")}: 1 file (5 B)", _cli.Out, StringComparison.Ordinal);
        }

        // Without a journal nobody can tell what the staged bytes are.
        Directory.CreateDirectory(_folder.At("bare/staging"));
        await File.WriteAllTextAsync(_folder.At("bare/staging/0123456789abcdef0123456789abcdef"), "bytes", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.NeedsUser, await AskAsync(_folder.At("bare")));
    }

    [Fact]
    public async Task While_an_agent_works_there_nobody_can_tell()
    {
        Directory.CreateDirectory(_folder.At("state"));
        using var taken = AgentLock.TryTake(_folder.At("state"));
        Assert.Equal(ExitCodes.NeedsUser, await AskAsync(_folder.At("state")));
        Assert.Contains("an agent works on", _cli.Error, StringComparison.Ordinal);
    }

    private Task<int> AskAsync(string state) => _cli.RunAsync("package", "unsent", "--state", state);
}
