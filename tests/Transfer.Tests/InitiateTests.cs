using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>P8 where a file changes in the moment in which its upload begins.</summary>
public sealed class InitiateTests : EngineTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_change_while_an_upload_begins_waits_for_its_id_and_leaves_nothing_behind(bool removed)
    {
        var (begun, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        CancellationToken caller = default;
        Bucket.Before = (call, token) =>
        {
            if (call.Operation == "Initiate") caller = token;
            return Task.CompletedTask;
        };
        Bucket.After = call =>
        {
            if (call.Operation != "Initiate" || begun.Task.IsCompleted) return Task.CompletedTask;
            begun.SetResult();
            return answer.Task.WaitAsync(caller);
        };
        var node = Drive.MakeFile("a", TestDrive.Bytes(5 * Part, 1));
        Start();
        await UntilWithClockAsync(() => begun.Task.IsCompleted);

        var last = TestDrive.Bytes(5 * Part, 2);
        if (removed) Drive.Remove(node);
        else Drive.Write(node, last);
        Drive.MakeFile("sentinel", [1]);
        await UntilWithClockAsync(() => Bucket.Objects.ContainsKey("p/sentinel")); // what happened before it has been noticed
        answer.SetResult();
        await SettledAsync();

        Assert.Empty(Bucket.OpenUploads);
        Assert.Empty(Uploads());
        if (removed) Assert.DoesNotContain("p/a", Bucket.Objects.Keys);
        else Assert.Equal(last, Bucket.Objects["p/a"].Bytes);
    }
}
