using Microsoft.Data.Sqlite;
using SyncAgent.TestKit;

namespace SyncAgent.Journal.Tests;

public sealed class CommitTests : IDisposable
{
    private readonly TestDrive _drive = new(new ManualTimeProvider());

    public void Dispose() => _drive.Dispose();

    [Fact]
    public async Task What_is_asked_at_one_moment_does_not_see_commits_in_between()
    {
        var id = _drive.MakeDirectory("a");
        await _drive.Reader.AtOneMoment(() =>
        {
            Assert.Equal("a", _drive.Reader.Node(id)!.Name);
            var renaming = Task.Run(() => _drive.Journal.Commit(writer => writer.MoveNode(id, _drive.Root, "b", 0, _drive.Now)));
            renaming.Wait(TestContext.Current.CancellationToken);
            Assert.Equal("a", _drive.Reader.Node(id)!.Name);
            return renaming;
        });
        Assert.Equal("b", _drive.Reader.Node(id)!.Name);
    }

    [Fact]
    public void Mutations_are_applied_in_the_order_of_their_sequence()
    {
        var applied = new List<long>();
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 500; i++)
            {
                var sequence = _drive.Journal.Enqueue(writer => applied.Add(writer.Sequence)); // only the committing thread appends
                if (i % 7 == 0) _drive.Journal.WaitCommitted(sequence);
            }
        });
        _drive.Journal.WaitCommitted(_drive.Journal.EnqueuedSequence);
        Assert.Equal(4000, applied.Count);
        Assert.Equal(applied.Order(), applied);
        Assert.Equal(_drive.Journal.EnqueuedSequence, _drive.Journal.CommittedSequence);
    }

    [Fact]
    public void One_waiter_commits_everything_queued_so_far()
    {
        var first = _drive.Journal.Enqueue(_ => { });
        var last = _drive.Journal.Enqueue(_ => { });
        _drive.Journal.WaitCommitted(first);
        Assert.Equal(last, _drive.Journal.CommittedSequence);
    }

    [Fact]
    public void An_ordinary_commit_is_not_durable_and_a_durable_one_covers_what_came_before()
    {
        var durable = _drive.Journal.DurableSequence;
        _drive.Journal.Commit(_ => { });
        Assert.Equal(durable, _drive.Journal.DurableSequence);
        var covered = _drive.Journal.CommittedSequence;
        var later = _drive.Journal.Enqueue(_ => { });
        _drive.Journal.CommitDurable(covered);
        Assert.Equal((covered, later), (_drive.Journal.DurableSequence, _drive.Journal.CommittedSequence));
        _drive.Journal.CommitDurable(covered - 1); // never goes back
        Assert.Equal(covered, _drive.Journal.DurableSequence);

        using var again = JournalStore.Open(_drive.Folder);
        Assert.Equal((covered, later), (again.DurableSequence, again.CommittedSequence));
    }

    [Fact]
    public void A_change_is_told_only_after_it_is_committed()
    {
        using var feed = _drive.Journal.Feed.Subscribe(ChangeKinds.Desired);
        var id = _drive.Journal.NewId();
        var sequence = _drive.Journal.Enqueue(writer => writer.PutNode(_drive.Node(id, _drive.Root, "a", NodeType.File)));
        Assert.Empty(feed.Take());
        _drive.Journal.WaitCommitted(sequence);
        Assert.Equal(ChangeKinds.Desired, feed.Take()[id]);
        Assert.NotNull(_drive.Reader.Node(id));
    }

    [Fact]
    public void Ids_are_never_given_twice_also_not_after_a_kill()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => _drive.Journal.NewId()).ToHashSet();
        Assert.Equal(1000, ids.Count);
        using var killed = JournalStore.Open(_drive.Folder); // the first was not closed
        Assert.True(killed.NewId() > ids.Max());
    }

    [Fact]
    public void Ids_are_unique_under_threads()
    {
        var ids = new System.Collections.Concurrent.ConcurrentDictionary<long, bool>();
        Parallel.For(0, 70_000, _ => Assert.True(ids.TryAdd(_drive.Journal.NewId(), true)));
    }

    [Fact]
    public void A_journal_of_a_newer_version_is_refused_and_left_alone()
    {
        var folder = Directory.CreateTempSubdirectory("syncagent-test-").FullName;
        try
        {
            JournalStore.Open(folder).Dispose();
            Sql(folder, "PRAGMA user_version=99");
            var error = Assert.Throws<JournalException>(() => JournalStore.Open(folder));
            Assert.Contains("newer SyncAgent", error.Message, StringComparison.Ordinal);
            Assert.Equal(99L, Sql(folder, "PRAGMA user_version"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_file_that_is_no_journal_is_refused_with_its_reason()
    {
        var folder = Directory.CreateTempSubdirectory("syncagent-test-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "journal.db"), TestDrive.Bytes(8192, 1));
            Assert.Contains("cannot be opened", Assert.Throws<JournalException>(() => JournalStore.Open(folder)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Values_are_kept()
    {
        Assert.Null(_drive.Journal.GetValue("x"));
        _drive.Journal.SetValue("x", "1");
        _drive.Journal.SetValue("x", "2");
        Assert.Equal("2", _drive.Journal.GetValue("x"));
    }

    private static object? Sql(string folder, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    [Fact]
    public void A_mutation_that_the_journal_refuses_takes_no_other_with_it()
    {
        using var drive = new TestDrive(new ManualTimeProvider());
        var journal = drive.Journal;
        var seen = new List<Exception>();
        journal.Refused += seen.Add;
        var row = drive.Reader.Node(drive.MakeFile("a", [1]))!;
        var before = journal.Enqueue(writer => writer.Retry(row.Id, 7));
        var refused = journal.Enqueue(writer => writer.PutNode(row with { Name = "b" })); // the id is taken
        var broken = journal.Enqueue(_ => throw new InvalidOperationException("a defect"));
        var after = journal.Enqueue(writer => writer.MoveNode(row.Id, row.Parent, "c", 1, 9));
        journal.WaitCommitted(after);
        journal.WaitCommitted(before);
        Assert.Throws<JournalException>(() => journal.WaitCommitted(refused));
        Assert.Throws<JournalException>(() => journal.WaitCommitted(broken));
        Assert.Equal(2, seen.Count);
        Assert.Equal("c", drive.Reader.Node(row.Id)!.Name);
        journal.Commit(writer => writer.Retry(row.Id, 8));
    }
}
