using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>
/// Whatever the user does to a tree, in whatever order the steps are taken in between: planning ends, no object that is still
/// needed is lost, no step meets an object of its own making as a conflict, and the bucket becomes the tree.
/// </summary>
public sealed class PlannerPropertyTests
{
    private static readonly string[] Names = ["a", "b", "c"];

    /// <summary>What a user does: a verb and two numbers that choose whom it concerns.</summary>
    private enum Verb
    {
        MakeFile,
        MakeDirectory,
        MakeLink,
        Write,
        Rename,
        Exchange,
        Remove,
        Chmod,
        Steps,
    }

    [Fact]
    public void The_bucket_becomes_the_tree()
    {
        var verb = Gen.Frequency(
            (8, Gen.Constant(Verb.MakeFile)), (1, Gen.Constant(Verb.MakeDirectory)), (1, Gen.Constant(Verb.MakeLink)), (2, Gen.Constant(Verb.Write)),
            (7, Gen.Constant(Verb.Rename)), (5, Gen.Constant(Verb.Exchange)), (1, Gen.Constant(Verb.Remove)), (1, Gen.Constant(Verb.Chmod)),
            (8, Gen.Constant(Verb.Steps)));
        var action = verb.SelectMany(v => Gen.Choose(0, 999).SelectMany(x => Gen.Choose(0, 999).Select(y => (Verb: v, X: x, Y: y))));
        // Of a fixed length: cases that grow with FsCheck's size stay too small for names to go round in circles.
        var lists = action.ListOf(60).Select(list => list.ToList()).ToArbitrary();
        var kinds = new Dictionary<string, int>();
        Prop.ForAll(lists, actions => Run(actions, kinds)).Check(Config.QuickThrowOnFailure.WithMaxTest(80));
        Assert.True(kinds["Copy"] > 200 && kinds["Park"] > 5 && kinds["Wait"] > 50, $"these cases prove little: {string.Join(", ", kinds)}");
    }

    private static void Run(List<(Verb Verb, int X, int Y)> actions, Dictionary<string, int> kinds)
    {
        var time = new ManualTimeProvider();
        using var drive = new TestDrive(time, prefix: "p/") { IsDurable = false };
        var context = new TransferContext(
            drive.Journal, drive.Reader, drive.Row, new FakeObjectStore(time), new PartBudget(1, 1), new TransferOptions(), new TransferLink(1),
            new TransferPause(), time, new Backoff(new TransferOptions(), 1), NullLogger.Instance, "machine")
        {
            Form = new StoredForm("p/", static _ => ObjectOptions.None),
        };
        var bucket = new PlannedBucket(drive, new PlanGatherer(context), new Random(actions.Count));
        foreach (var (verb, x, y) in actions) Do(drive, bucket, verb, x, y);

        var before = bucket.Steps;
        while (bucket.StepOnce()) Assert.True(bucket.Steps - before < 4000, "planning does not end");
        foreach (var (kind, count) in bucket.Kinds) kinds[kind] = kinds.GetValueOrDefault(kind) + count;
        Assert.Equal(Desired(drive, drive.Root, "p/").OrderBy(pair => pair.Key), bucket.Contents.OrderBy(pair => pair.Key));
    }

    private static void Do(TestDrive drive, PlannedBucket bucket, Verb verb, int x, int y)
    {
        var nodes = drive.Descendants(drive.Root).Select(id => drive.Reader.Node(id)!).ToList();
        var directories = nodes.Where(node => node.Type == NodeType.Directory).Select(node => node.Id).Prepend(drive.Root).ToList();
        var parent = directories[y % directories.Count];
        var name = Names[x % Names.Length];
        var isFree = drive.Reader.Child(parent, name) is null;
        switch (verb)
        {
            case Verb.MakeFile when isFree:
                drive.MakeFile(name, [(byte)x], parent);
                break;
            case Verb.MakeDirectory when isFree:
                drive.MakeDirectory(name, parent);
                break;
            case Verb.MakeLink when isFree:
                drive.MakeLink(name, $"to {x}", parent);
                break;
            case Verb.Write when nodes.Where(node => node.Type == NodeType.File).ToList() is { Count: > 0 } files:
                drive.Write(files[x % files.Count].Id, [(byte)y]);
                break;
            case Verb.Rename when nodes.Count > 0:
                Rename(drive, nodes[x % nodes.Count], parent, Names[y % Names.Length]);
                break;
            case Verb.Exchange when nodes.Count > 1:
                Exchange(drive, nodes[x % nodes.Count].Id, nodes[y % nodes.Count].Id);
                break;
            case Verb.Remove when nodes.Count > 0:
                RemoveTree(drive, nodes[x % nodes.Count].Id);
                break;
            case Verb.Chmod when nodes.Count > 0:
                drive.Chmod(nodes[x % nodes.Count].Id, (uint)(y & 0x1FF));
                break;
            case Verb.Steps:
                for (var i = 0; i < x % 30 && bucket.StepOnce(); i++)
                {
                    // the bucket follows a little
                }

                break;
        }
    }

    private static void Rename(TestDrive drive, NodeRow node, long parent, string name)
    {
        if (parent == node.Id || drive.Descendants(node.Id).Contains(parent)) return;
        if (drive.Reader.Child(parent, name) is { } target)
        {
            if (target.Id == node.Id || drive.Descendants(target.Id).Contains(node.Id)) return;
            RemoveTree(drive, target.Id);
        }

        drive.Rename(node.Id, name, parent);
    }

    private static void Exchange(TestDrive drive, long a, long b)
    {
        if (a == b || drive.Descendants(a).Contains(b) || drive.Descendants(b).Contains(a)) return;
        drive.Exchange(a, b);
    }

    private static void RemoveTree(TestDrive drive, long node)
    {
        foreach (var child in drive.Reader.Children(node)) RemoveTree(drive, child.Id);
        drive.Remove(node);
    }

    private static IEnumerable<KeyValuePair<string, string>> Desired(TestDrive drive, long directory, string key)
    {
        foreach (var node in drive.Reader.Children(directory))
        {
            var own = key + node.Name;
            switch (node.Type)
            {
                case NodeType.Directory:
                    yield return new(own + "/", "marker");
                    foreach (var below in Desired(drive, node.Id, own + "/")) yield return below;
                    break;
                case NodeType.Symlink:
                    yield return new(own, node.Target!);
                    break;
                default:
                    yield return new(own, $"g{node.Content}");
                    break;
            }
        }
    }
}
