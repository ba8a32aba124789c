using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>
/// A user who works on a tree while calls fail, replies get lost and the agent is restarted. In the end the bucket holds the tree,
/// nothing else, and no upload is left behind but those whose Initiate reply was lost.
/// </summary>
public sealed class ChaosTests : EngineTest
{
    private readonly Dictionary<long, byte[]> _contents = [];
    private int _lostInitiates;

    /// <summary>SYNCAGENT_CHAOS_SEEDS asks for more than the eight of every run.</summary>
    public static TheoryData<int> Seeds =>
        [.. Enumerable.Range(1, int.TryParse(Environment.GetEnvironmentVariable("SYNCAGENT_CHAOS_SEEDS"), out var count) ? count : 8)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_bucket_becomes_the_tree_whatever_fails(int seed)
    {
        var random = new Random(seed);
        Options = Options with { QuietPeriod = TimeSpan.FromSeconds(1), RestartOnRenameBelow = 2 * Part };
        MakeTrouble(new Random(seed + 1000));
        Start();
        for (var i = 0; i < 60; i++)
        {
            Do(random, i);
            Time.Advance(TimeSpan.FromMilliseconds(random.Next(1500)));
            Drive.Journal.CommitDurable(Drive.Journal.EnqueuedSequence);
            if (random.Next(3) == 0) await WorkAsync(random.Next(1, 12));
            if (random.Next(8) != 0) continue;
            await StopAsync();
            Start();
        }

        Bucket.Before = null;
        Bucket.After = null;
        Engine.Wake();
        await SettledAsync();

        Assert.Empty(Drive.Reader.UnsettledNodes(Drive.Row.Id, 0, 10));
        Assert.Equal(_contents.Keys.Select(Key).Order(), Bucket.Objects.Keys.Order());
        Assert.All(_contents, file => Assert.Equal(file.Value, Bucket.Objects[Key(file.Key)].Bytes));
        Assert.Equal(_lostInitiates, Bucket.OpenUploads.Count);
        Assert.True(Uploads().Count >= _lostInitiates && Uploads().All(upload => upload.Phase == UploadPhase.PossiblyOurs));
    }

    private void Do(Random random, int i)
    {
        var files = _contents.Keys.ToList();
        var kind = files.Count < 3 ? 0 : random.Next(6);
        if (kind <= 1)
        {
            var bytes = TestDrive.Bytes(Size(random), random.Next());
            _contents[Drive.MakeFile($"f{i}", bytes)] = bytes;
            return;
        }

        var node = files[random.Next(files.Count)];
        var other = files[random.Next(files.Count)];
        switch (kind)
        {
            case 2:
                _contents[node] = TestDrive.Bytes(Size(random), random.Next());
                Drive.Write(node, _contents[node], knowsCrc: random.Next(2) == 0);
                break;
            case 3:
                var name = $"r{random.Next(12)}";
                if (Drive.Reader.Child(Drive.Root, name) is null) Drive.Rename(node, name);
                break;
            case 4 when node != other:
                Drive.Exchange(node, other);
                break;
            case 5:
                Drive.Remove(node);
                _contents.Remove(node);
                break;
        }
    }

    private static int Size(Random random) => random.Next(3) == 0 ? random.Next(3 * Part, 7 * Part) : random.Next(0, 2000);

    private string Key(long node) => "p/" + Drive.Reader.Path(node);

    /// <summary>Lets the engine make some calls, if it has any to make.</summary>
    private async Task WorkAsync(int calls)
    {
        var wanted = Bucket.Calls.Count + calls;
        for (var patience = 0; patience < 10 && Bucket.Calls.Count < wanted; patience++)
        {
            using var feed = Drive.Journal.Feed.Subscribe(ChangeKinds.Remote | ChangeKinds.Work);
            await feed.WaitAsync(TimeSpan.FromMilliseconds(5), TimeProvider.System, default);
        }
    }

    private void MakeTrouble(Random random)
    {
        StoreErrorKind[] kinds = [StoreErrorKind.Network, StoreErrorKind.Unavailable, StoreErrorKind.Timeout, StoreErrorKind.Throttled];
        Bucket.Before = (_, _) => Dice(12) is { } kind ? throw new StoreException(kind, "before") : Task.CompletedTask;
        Bucket.After = call =>
        {
            if (Dice(12) is not { } kind || kind == StoreErrorKind.Throttled) return Task.CompletedTask;
            if (call.Operation == "Initiate") _lostInitiates++;
            throw new StoreException(kind, "after") { MayHaveSucceeded = true };
        };

        StoreErrorKind? Dice(int sides)
        {
            lock (random) return random.Next(sides) == 0 ? kinds[random.Next(kinds.Length)] : null;
        }
    }
}
