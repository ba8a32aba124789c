using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>P3: change means restart.</summary>
public sealed class SupersedeTests : EngineTest
{
    private readonly byte[] _old = TestDrive.Bytes(8 * Part, 1);
    private readonly byte[] _new = TestDrive.Bytes(8 * Part, 2);

    [Fact]
    public async Task A_new_content_aborts_the_upload_and_starts_from_scratch()
    {
        var node = await StartHeldAsync();
        Drive.Write(node, _new);
        await UntilAsync(() => Count("Abort") == 1);
        Bucket.Before = null;
        await SettledAsync();
        Assert.Equal(_new, Bucket.Objects["p/big"].Bytes);
        Assert.Equal(["upload-1"], Bucket.Calls.Where(call => call.Operation == "Abort").Select(call => call.UploadId));
        Assert.All(Bucket.Calls.Where(call => call.Operation == "Complete"), call => Assert.Equal("upload-2", call.UploadId));
    }

    [Fact]
    public async Task Opening_for_writing_is_enough_and_the_closed_content_rests()
    {
        var node = await StartHeldAsync();
        lock (Writers) Writers.Add(node);
        var generation = Drive.Open(node);
        await UntilAsync(() => Count("Abort") == 1 && Engine.Active.Count == 0);
        Bucket.Before = null;
        Assert.Equal(1, Node(node).Cancels);
        Time.Advance(TimeSpan.FromSeconds(5));
        Drive.Seal(node, generation, _new);
        lock (Writers) Writers.Remove(node);
        await SettledAsync();
        Assert.Equal(_new, Bucket.Objects["p/big"].Bytes);
        Assert.True(Time.GetUtcNow().Second >= 10, "the quiet period was not kept");
    }

    [Fact]
    public async Task After_some_cancels_one_closed_content_is_sent_to_its_end()
    {
        var node = await StartHeldAsync(everyUpload: true);
        for (var cancel = 1; cancel <= Options.MaxCancels; cancel++)
        {
            Drive.Write(node, TestDrive.Bytes(8 * Part, 10 + cancel));
            await UntilAsync(() => Count("Abort") == cancel);
            await UntilWithClockAsync(() => Bucket.Calls.Any(call => call.Part == 3 && call.UploadId == $"upload-{cancel + 1}"));
        }

        Assert.True(Engine.Active.Single().ToTheEnd);
        Drive.Write(node, _new);
        Bucket.Before = null;
        await StopAsync();
        Drive.Journal.Commit(writer => writer.Defer(node, 0, 0, null));
        Start();
        await SettledAsync();
        Assert.Equal(_new, Bucket.Objects["p/big"].Bytes);
    }

    [Fact]
    public async Task Content_sent_to_its_end_arrives_although_newer_content_waits()
    {
        Options = Options with { MaxCancels = 0 };
        var release = new TaskCompletionSource();
        Bucket.Before = (call, token) => call is { Part: 3, UploadId: "upload-1" } ? release.Task.WaitAsync(token) : Task.CompletedTask;
        var node = Drive.MakeFile("big", _old);
        var generation = Node(node).Content!.Value;
        Start();
        await UntilAsync(() => Bucket.Calls.Any(call => call.Part == 3));
        Drive.Write(node, _new);
        release.SetResult();
        await SettledAsync();
        Assert.Equal(_new, Bucket.Objects["p/big"].Bytes);
        var receipts = Drive.Reader.Receipts(Drive.Row.Id, "p/big", 10);
        Assert.Equal([Node(node).Content, generation], receipts.Select(receipt => receipt.Generation));
        Assert.Equal(0, Count("Abort"));
    }

    [Fact]
    public async Task A_file_that_stays_open_is_published_after_a_quiet_period()
    {
        var node = Drive.MakeFile("log", _old);
        lock (Writers) Writers.Add(node);
        Drive.Open(node);
        Start();
        await UntilAsync(() => Node(node).Due > Drive.Now);
        Assert.Empty(Bucket.Objects);
        await UntilWithClockAsync(() => Bucket.Objects.ContainsKey("p/log"));
        Assert.Equal(_old, Bucket.Objects["p/log"].Bytes);
        Assert.True(Time.GetUtcNow().Second >= 10);
    }

    [Fact]
    public async Task An_interrupted_generation_does_not_hold_up_the_closed_one()
    {
        var node = Drive.MakeFile("a", TestDrive.Bytes(100, 1));
        Drive.Open(node); // nobody writes it: the agent was restarted
        Start();
        await UntilAsync(() => Bucket.Objects.ContainsKey("p/a"));
    }

    [Fact]
    public async Task A_removed_file_is_aborted_and_never_appears()
    {
        var node = await StartHeldAsync();
        Drive.Remove(node);
        await UntilAsync(() => Uploads().Count == 0 && Engine.Active.Count == 0);
        Assert.Empty(Bucket.OpenUploads);
        Assert.Empty(Bucket.Objects);
    }

    [Fact]
    public async Task A_file_removed_while_Complete_is_under_way_is_deleted_afterwards()
    {
        var release = new TaskCompletionSource();
        var node = Drive.MakeFile("big", _old);
        Bucket.After = call => call.Operation == "Complete" ? release.Task : Task.CompletedTask;
        Start();
        await UntilAsync(() => Bucket.Objects.ContainsKey("p/big"));
        Drive.Remove(node);
        release.SetResult();
        await SettledAsync();
        Assert.Empty(Bucket.Objects);
    }

    [Fact]
    public async Task A_rename_with_little_sent_starts_again_under_the_new_name()
    {
        var node = await StartHeldAsync();
        Drive.Rename(node, "new");
        await UntilAsync(() => Count("Abort") == 1);
        Bucket.Before = null;
        await SettledAsync();
        Assert.Equal(["p/new"], Bucket.Objects.Keys);
        Assert.Equal((0, 0), (Count("Copy"), Node(node).Cancels));
    }

    [Fact]
    public async Task A_rename_with_much_sent_completes_and_copies()
    {
        Options = Options with { RestartOnRenameBelow = Part };
        var release = new TaskCompletionSource();
        Bucket.Before = (call, token) => call.Part == 3 ? release.Task.WaitAsync(token) : Task.CompletedTask;
        var node = Drive.MakeFile("big", _old);
        Start();
        await UntilAsync(() => Uploads() is [var upload] && Drive.Reader.Parts(upload.Id).Count == 7);
        Drive.Rename(node, "new");
        release.SetResult();
        await SettledAsync();
        Assert.Equal(_old, Bucket.Objects["p/new"].Bytes);
        Assert.Equal(["p/new"], Bucket.Objects.Keys);
        Assert.Equal((1, 1, 0), (Count("Copy"), Count("Initiate"), Count("Abort")));
    }

    [Fact]
    public async Task A_renamed_upload_gives_way_to_a_new_file_of_the_old_name()
    {
        Options = Options with { RestartOnRenameBelow = Part };
        var node = await StartHeldAsync();
        Drive.Rename(node, "moved");
        var other = Drive.MakeFile("big", _new);
        await UntilAsync(() => Count("Abort") == 1);
        Bucket.Before = null;
        await SettledAsync();
        Assert.Equal(_old, Bucket.Objects["p/moved"].Bytes);
        Assert.Equal(_new, Bucket.Objects["p/big"].Bytes);
        Assert.Equal("p/big", Node(other).Remote!.Key);
    }

    [Fact]
    public async Task Progress_counts_what_the_store_holds()
    {
        await StartHeldAsync();
        await UntilAsync(() => Engine.Active is [{ Transferred: 7 * Part }]);
        var progress = Assert.Single(Engine.Active);
        Assert.Equal(("p/big", 8L * Part, false), (progress.Key, progress.Total, progress.ToTheEnd));
    }

    /// <summary>A large file whose third part hangs.</summary>
    /// <param name="everyUpload">Whether later attempts hang there too; they begin by themselves, at any time.</param>
    private async Task<long> StartHeldAsync(bool everyUpload = false)
    {
        Hold(call => call.Part == 3 && (everyUpload || call.UploadId == "upload-1"));
        var node = Drive.MakeFile("big", _old);
        Start();
        await UntilAsync(() => Uploads() is [var upload] && Drive.Reader.Parts(upload.Id).Count == 7);
        return node;
    }
}
