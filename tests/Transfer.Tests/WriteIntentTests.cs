using Microsoft.Data.Sqlite;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer.Tests;

/// <summary>The journal's note of an object that is about to be made, where a power cut comes before the next group.</summary>
public sealed class WriteIntentTests : EngineTest
{
    public enum Move
    {
        /// <summary>Away from the key, which is being written.</summary>
        Away,

        /// <summary>The folder was renamed before, in a commit that is not durable yet.</summary>
        Folder,
    }

    [Theory]
    [InlineData(Move.Away)]
    [InlineData(Move.Folder)]
    public async Task An_object_is_made_only_under_a_name_that_leads_to_it_after_a_power_cut_too(Move move)
    {
        long? atPut = null;
        var (looked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        var first = true;
        Bucket.Before = (call, _) =>
        {
            if (!call.Key.EndsWith("/a", StringComparison.Ordinal)) return Task.CompletedTask;
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
        var folder = Drive.MakeDirectory("d");
        var link = Drive.MakeLink("a", "somewhere", folder);
        Start();
        await UntilWithClockAsync(() => Node(link).Attempts == 1);
        var before = Flushes();
        if (move == Move.Folder) Drive.Journal.Commit(writer => writer.MoveNode(folder, Drive.Root, "e", 0, Drive.Now));
        await UntilAsync(() =>
        {
            if (!looked.Task.IsCompleted) Time.Advance(TimeSpan.FromSeconds(1)); // and nothing is committed here
            return looked.Task.IsCompleted;
        });
        if (move == Move.Away)
        {
            Drive.Journal.Commit(writer => writer.MoveNode(link, folder, "b", 0, Drive.Now));
            before = Flushes();
        }

        answer.SetResult();
        await UntilAsync(() => atPut is not null);

        Assert.NotEqual(before, atPut);
        await SettledAsync();
        Assert.Equal(move == Move.Away ? ["p/d/", "p/d/b"] : (string[])["p/e/", "p/e/a"], Bucket.Objects.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_request_that_was_given_up_and_carried_out_late_is_found_also_where_something_else_stood_before()
    {
        var put = false;
        Bucket.Before = (call, token) =>
        {
            if (call is not { Operation: "Put", Key: "p/a" }) return Task.CompletedTask;
            put = true;
            return Task.Delay(Timeout.InfiniteTimeSpan, token);
        };
        var node = Drive.MakeFile("a", [3]);
        Start();
        await UntilWithClockAsync(() => put);
        Bucket.PutForeign("p/a", [9]);

        // Carried out after the store was asked once what stands there.
        var row = Node(node);
        var late = ObjectMetadata.Of(row, row.Content, Drive.Journal.GetValue("machine_id")!);
        var looks = 0;
        Bucket.Before = (call, _) =>
        {
            if (call is { Operation: "Head", Key: "p/a" } && ++looks == 2) Bucket.PutForeign("p/a", [3], late);
            return Task.CompletedTask;
        };
        Drive.Rename(node, "b");
        await UntilWithClockAsync(() => looks >= 2);
        await SettledAsync();
        Assert.Equal(["p/b"], Bucket.Objects.Keys);
    }

    [Fact]
    public async Task An_object_that_was_confirmed_while_lost_writes_were_looked_for_is_nobodys_stray()
    {
        const long Removed = 1 << 20;
        var link = Drive.MakeLink("a", "somewhere");
        Start();
        await SettledAsync();
        await StopAsync();
        Drive.Journal.Commit(writer =>
        {
            writer.BeginWrite(WriteOf(Removed, "p/other"));
            writer.BeginWrite(WriteOf(link, "p/a"));
        });

        // Both rows were read by now. While the store is asked for the first, the second is brought to its end, and its node comes to rest.
        Bucket.Before = (call, _) =>
        {
            if (call is { Operation: "Head", Key: "p/other" } && Drive.Reader.Node(link) is { } row)
            {
                Drive.Journal.Commit(writer =>
                {
                    writer.EndWrite(link, "p/a");
                    writer.Demote(link, row.Changed);
                });
                Assert.Null(Drive.Reader.Node(link));
            }

            return Task.CompletedTask;
        };
        Start();
        await UntilWithClockAsync(() => Drive.Reader.Uploads(Drive.Row.Id).Count == 0);
        await SettledAsync();
        Assert.Equal(["p/a"], Bucket.Objects.Keys);
    }

    private UploadRow WriteOf(long node, string key) =>
        new(Drive.Journal.NewId(), Drive.Row.Id, node, 0, key, null, 0, 9, UploadPhase.Writing, Drive.Now, true);

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
