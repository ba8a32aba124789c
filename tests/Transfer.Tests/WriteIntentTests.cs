using Microsoft.Data.Sqlite;
using SyncAgent.Store;

namespace SyncAgent.Transfer.Tests;

/// <summary>The journal's note of an object that is about to be made, where a power cut comes before the next group.</summary>
public sealed class WriteIntentTests : EngineTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_object_made_under_a_name_that_its_node_has_left_is_noted_durably_before(bool moved)
    {
        long? atPut = null;
        var (looked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = true;
        Bucket.Before = (call, _) =>
        {
            if (call.Key != "p/a") return Task.CompletedTask;
            if (call.Operation == "Put" && first)
            {
                // The next attempt looks before it puts.
                first = false;
                throw new StoreException(StoreErrorKind.Network, "refused by the test");
            }

            if (call.Operation == "Put") atPut ??= Flushes();
            if (call.Operation != "Head" || looked.Task.IsCompleted) return Task.CompletedTask;
            looked.SetResult();
            return answer.Task;
        };
        var link = Drive.MakeLink("a", "somewhere");
        Start();
        await UntilWithClockAsync(() => looked.Task.IsCompleted);
        if (moved) Drive.Journal.Commit(writer => writer.MoveNode(link, Drive.Root, "b", 0, Drive.Now));
        var atHead = Flushes();
        answer.SetResult();
        await UntilAsync(() => atPut is not null); // which commits nothing itself

        // Under a name that it still has, it is found by that name: no flush is spent on it.
        if (moved) Assert.NotEqual(atHead, atPut);
        else Assert.Equal(atHead, atPut);
        await SettledAsync();
        Assert.Equal([moved ? "p/b" : "p/a"], Bucket.Objects.Keys);
    }

    /// <summary>How many commits of the journal survive a power cut.</summary>
    private long Flushes()
    {
        using var journal = new SqliteConnection($"Data Source={Path.Combine(Drive.Folder, "journal.db")};Mode=ReadOnly;Pooling=False");
        journal.Open();
        using var command = journal.CreateCommand();
        command.CommandText = "SELECT value FROM meta WHERE name='flushes'";
        return (long)command.ExecuteScalar()!;
    }
}
