using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Tests;

public sealed class WaitTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private TestAgent _agent = null!;
    private WaitEvaluator _wait = null!;

    public async ValueTask InitializeAsync()
    {
        _agent = await TestAgent.StartAsync();
        _wait = new WaitEvaluator(_agent.Host);
    }

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public void An_empty_drive_is_synced() => Assert.Equal(WaitOutcome.Synced, _wait.Evaluate(null).Outcome);

    [Fact]
    public async Task A_wait_ends_when_the_last_file_is_confirmed()
    {
        var one = _agent.Drive.MakeFile("one", [1]);
        var folder = _agent.Drive.MakeDirectory("folder");
        var two = _agent.Drive.MakeFile("two", [2], folder);
        Assert.Equal((WaitOutcome.Busy, 3), (_wait.Evaluate(null).Outcome, _wait.Evaluate(null).Count));
        var waiting = _wait.WaitAsync(null, Long, CancellationToken.None);

        _agent.Confirm(one);
        _agent.Confirm(folder);
        Assert.False(waiting.IsCompleted);
        _agent.Confirm(two);

        Assert.Equal(WaitOutcome.Synced, (await waiting).Outcome);
    }

    [Fact]
    public void A_file_whose_last_writer_leaves_while_it_is_looked_at_is_counted_all_the_same()
    {
        const int MoreThanAPage = 501;
        var files = Enumerable.Range(0, MoreThanAPage).Select(number => _agent.Drive.Journal.NewId()).ToList();
        var open = files.Select(node => new Generation { Id = _agent.Drive.Journal.NewId(), Node = node, Staging = StagingFolder.NewName(), State = GenerationState.Open }).ToList();
        _agent.Drive.Change(writer =>
        {
            foreach (var (number, node) in files.Index()) writer.PutNode(_agent.Drive.Node(node, _agent.Drive.Root, $"f{number}", NodeType.File) with { Pending = false });
            foreach (var generation in open) writer.BeginGeneration(generation);
        });
        _agent.Live.BeingWritten.UnionWith(files);
        _agent.Live.Asked = () =>
        {
            _agent.Live.Asked = static () => { };
            _agent.Drive.Change(writer => writer.SealGeneration(open[^1].Id, 0, 0, files[^1], 0, 0, 0));
        };
        Assert.Equal((WaitOutcome.Busy, MoreThanAPage), (_wait.Evaluate(null) is var answer ? answer.Outcome : default, answer.Count));
    }

    [Fact]
    public async Task A_wait_whose_time_is_up_names_what_is_left()
    {
        _agent.Drive.MakeFile("slow", [1]);
        var answer = await _wait.WaitAsync(null, TimeSpan.FromMilliseconds(30), CancellationToken.None);
        Assert.Equal(WaitOutcome.Busy, answer.Outcome);
        var file = Assert.Single(answer.Files);
        Assert.Equal("/mnt/x/slow", file.Path);
    }

    [Fact]
    public void What_needs_the_user_counts_only_when_nothing_else_goes_on()
    {
        var refused = _agent.Drive.MakeFile("refused", [1]);
        var fine = _agent.Drive.MakeFile("fine", [1]);
        _agent.Drive.Change(writer => writer.Fail(refused, Problem.Failed, "the store refuses this name"));
        Assert.Equal(WaitOutcome.Busy, _wait.Evaluate(null).Outcome);

        _agent.Confirm(fine);

        var answer = _wait.Evaluate(null);
        Assert.Equal((WaitOutcome.NeedsUser, 1), (answer.Outcome, answer.Count));
        Assert.Equal(new FileReport("/mnt/x/refused", FileState.Failed, "the store refuses this name"), Assert.Single(answer.Files));
    }

    [Fact]
    public void A_conflict_needs_the_user()
    {
        var node = _agent.Drive.MakeFile("both", [1]);
        _agent.Drive.Change(writer => writer.Fail(node, Problem.Conflict, "both are kept"));
        Assert.Equal(WaitOutcome.NeedsUser, _wait.Evaluate(null).Outcome);
    }

    [Fact]
    public void An_open_file_is_waited_for_while_a_program_writes_it_and_needs_the_user_after()
    {
        var node = _agent.Drive.MakeFile("log", [1]);
        _agent.Confirm(node);
        _agent.Drive.Open(node);
        _agent.Live.BeingWritten.Add(node);
        var open = _wait.Evaluate(null);
        Assert.Equal((WaitOutcome.Busy, FileState.Open), (open.Outcome, open.Files[0].State));

        _agent.Live.BeingWritten.Clear();

        var interrupted = _wait.Evaluate(null);
        Assert.Equal((WaitOutcome.NeedsUser, FileState.Interrupted), (interrupted.Outcome, interrupted.Files[0].State));
    }

    [Fact]
    public void An_ignored_file_is_waited_for_in_no_state()
    {
        var node = _agent.Drive.MakeFile("scratch", [1]);
        _agent.Drive.Change(writer => writer.SetIgnored(node, true, 0));
        _agent.Drive.Open(node);
        _agent.Live.BeingWritten.Add(node);
        Assert.Equal((WaitOutcome.Synced, WaitOutcome.Synced), (_wait.Evaluate(null).Outcome, _wait.Evaluate("/mnt/x/scratch").Outcome));

        _agent.Live.BeingWritten.Clear();
        Assert.Equal((WaitOutcome.Synced, WaitOutcome.Synced), (_wait.Evaluate(null).Outcome, _wait.Evaluate("/mnt/x/scratch").Outcome));
    }

    [Fact]
    public void Deletes_and_uploads_are_waited_for()
    {
        var node = _agent.Drive.MakeFile("gone", [1]);
        _agent.Confirm(node);
        _agent.Drive.Remove(node);
        Assert.Equal(WaitOutcome.Busy, _wait.Evaluate(null).Outcome);
        var doomed = _agent.Drive.Reader.Doomed(_agent.Drive.Row.Id, "gone")!;
        _agent.Drive.Change(writer => writer.RemoveDoomed(doomed.Id));
        Assert.Equal(WaitOutcome.Synced, _wait.Evaluate(null).Outcome);

        var upload = new UploadRow(7, _agent.Drive.Row.Id, node, 1, "gone", "id", 100, 100, UploadPhase.Aborting, 0, true);
        _agent.Drive.Change(writer => writer.AddUpload(upload));
        Assert.Equal(WaitOutcome.Busy, _wait.Evaluate(null).Outcome);
        _agent.Drive.Change(writer => writer.SetUploadPhase(7, UploadPhase.PossiblyOurs));
        Assert.Equal(WaitOutcome.Synced, _wait.Evaluate(null).Outcome);
    }

    [Fact]
    public void A_delete_that_was_refused_needs_the_user()
    {
        var node = _agent.Drive.MakeFile("kept", [1]);
        _agent.Confirm(node);
        _agent.Drive.Remove(node);
        var doomed = _agent.Drive.Reader.Doomed(_agent.Drive.Row.Id, "kept")!;
        _agent.Drive.Change(writer => writer.DeferDoomed(doomed.Id, 0, 1, Problem.Failed, "denied"));
        Assert.Equal(WaitOutcome.NeedsUser, _wait.Evaluate(null).Outcome);
        Assert.Equal(WaitOutcome.NeedsUser, _wait.Evaluate("/mnt/x/kept").Outcome);
    }

    [Fact]
    public void The_upload_of_a_failed_file_does_not_keep_a_wait_busy()
    {
        var node = _agent.Drive.MakeFile("large", [1]);
        _agent.Drive.Change(writer =>
        {
            writer.AddUpload(new UploadRow(7, _agent.Drive.Row.Id, node, 1, "large", "id", 100, 100, UploadPhase.Active, 0, true));
            writer.Fail(node, Problem.Failed, "refused");
        });
        Assert.Equal(WaitOutcome.NeedsUser, _wait.Evaluate(null).Outcome);
        Assert.Equal(WaitOutcome.NeedsUser, _wait.Evaluate("/mnt/x/large").Outcome);
    }

    [Fact]
    public void The_upload_of_a_pending_file_is_not_counted_twice()
    {
        var node = _agent.Drive.MakeFile("large", [1]);
        _agent.Drive.Change(writer => writer.AddUpload(new UploadRow(7, _agent.Drive.Row.Id, node, 1, "large", "id", 100, 100, UploadPhase.Active, 0, true)));
        Assert.Equal(1, _wait.Evaluate(null).Count);
        Assert.Equal(1, _wait.Evaluate("/mnt/x/large").Count);
    }

    [Fact]
    public void A_path_asks_only_for_what_is_there_or_below()
    {
        var folder = _agent.Drive.MakeDirectory("folder");
        var inside = _agent.Drive.MakeFile("inside", [1], folder);
        var beside = _agent.Drive.MakeFile("folder2", [1]);
        _agent.Confirm(folder);
        _agent.Confirm(inside);

        Assert.Equal(WaitOutcome.Busy, _wait.Evaluate("/mnt/x").Outcome);
        Assert.Equal(WaitOutcome.Busy, _wait.Evaluate("/mnt/x/folder2").Outcome);
        Assert.Equal(WaitOutcome.Synced, _wait.Evaluate("/mnt/x/folder").Outcome);
        Assert.Equal(WaitOutcome.Synced, _wait.Evaluate("/mnt/x/folder/inside").Outcome);

        _agent.Confirm(beside);
        _agent.Drive.Write(inside, [2]);
        Assert.Equal(WaitOutcome.Synced, _wait.Evaluate("/mnt/x/folder2").Outcome);
        Assert.Equal((WaitOutcome.Busy, 1), (_wait.Evaluate("/mnt/x/folder").Outcome, _wait.Evaluate("/mnt/x/folder").Count));
    }

    [Fact]
    public void A_path_that_nobody_knows_is_told_apart()
    {
        Assert.Equal(WaitOutcome.UnknownPath, _wait.Evaluate("/mnt/x/nothing").Outcome);
        Assert.Equal(WaitOutcome.UnknownPath, _wait.Evaluate("/mnt/xy").Outcome);
        Assert.Equal(WaitOutcome.UnknownPath, _wait.Evaluate("/elsewhere").Outcome);
    }

    [Fact]
    public async Task A_drive_that_is_not_mounted_and_not_done_needs_the_user()
    {
        _agent.Drive.MakeFile("left", [1]);
        await _agent.Host.UnmountAsync("/mnt/x", null, CancellationToken.None);
        var answer = _wait.Evaluate(null);
        Assert.Equal(WaitOutcome.NeedsUser, answer.Outcome);
        Assert.Contains("not mounted", Assert.Single(answer.Files).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_counts_of_the_status_are_those_of_the_wait()
    {
        var failed = _agent.Drive.MakeFile("failed", [1, 2]);
        var synced = _agent.Drive.MakeFile("synced", [1, 2, 3]);
        var sending = _agent.Drive.MakeFile("sending", [1, 2, 3, 4]);
        var open = _agent.Drive.MakeFile("open", [1]);
        _agent.Drive.MakeDirectory("folder");
        _agent.Confirm(synced);
        _agent.Confirm(open);
        _agent.Drive.Open(open);
        _agent.Live.BeingWritten.Add(open);
        _agent.Drive.Change(writer => writer.Fail(failed, Problem.Failed, "refused"));
        _agent.Drive.Journal.CommitDurable(_agent.Drive.Journal.EnqueuedSequence);
        _agent.Live.Sending.Add(new ActiveFile(sending, "sending", 1, 4));

        var drive = Assert.Single(new StatusBuilder(_agent.Host).Build().Drives);

        Assert.Equal(
            new Dictionary<FileState, long> { [FileState.Open] = 1, [FileState.Uploading] = 1, [FileState.Synced] = 1, [FileState.Failed] = 1 },
            drive.Files);
        Assert.Equal((1, 4), (drive.PendingFolders, drive.PendingBytes));
        Assert.Equal((1, "refused"), (drive.ProblemCount, Assert.Single(drive.Problems).Reason));
    }
}
