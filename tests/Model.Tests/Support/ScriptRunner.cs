using SyncAgent.Model.Tests.Operations;
using SyncAgent.Model.Tests.Reference;
using SyncAgent.Model.Tests.Systems;

namespace SyncAgent.Model.Tests.Support;

/// <summary>Runs a script on a drive and on the model beside it, and says where they part.</summary>
internal sealed class ScriptRunner(IModelledDrive drive)
{
    private const int ContestSlot = int.MaxValue - 1;
    private const int CallsPerWork = 6;

    private readonly ModelTree _model = new();

    /// <summary>How often each kind of step was really taken, for the test that its cases prove something.</summary>
    public Dictionary<string, int> Taken { get; } = [];

    /// <summary>Runs all steps, then compares the drive and the bucket with the model when everything has arrived.</summary>
    /// <exception cref="MismatchException">They differ; the message says at which step.</exception>
    public void Run(Script script)
    {
        for (var i = 0; i < script.Ops.Count; i++) At($"step {i}, {script.Ops[i]}", () => Take(script.Ops[i]));
        At("the end", () =>
        {
            foreach (var slot in _model.OpenSlots) Both(new Close(slot));
            drive.Faults(0);
            Settle();
            CompareTrees();
            if (BucketComparison.Differs(drive.Bucket(), _model.Bucket()) is { } difference) throw new MismatchException($"bucket: {difference}");
        });
        if (drive.SendsByItself) return; // a life of a real agent takes seconds: the script has had some
        At("a kill after the end", () =>
        {
            drive.Kill();
            _model.Killed(_ => true);
            CompareTrees();
        });
    }

    private static void At(string place, Action act)
    {
        try
        {
            act();
        }
        catch (MismatchException e)
        {
            throw new MismatchException($"at {place}: {e.Message}");
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"at {place}: {e.Message}", e);
        }
    }

    private void Take(Op op)
    {
        switch (op)
        {
            case Call call:
                Both(call);
                break;
            case Publish when _model.CanSettle:
                Settle();
                break;
            case Publish:
                Work(CallsPerWork);
                break;
            case Work work:
                Work(work.Calls);
                break;
            case Restart:
                drive.Restart();
                _model.Killed(Exists);
                break;
            case Kill:
                drive.Kill();
                _model.Killed(Exists);
                break;
            case Evict:
                drive.Evict();
                _model.Killed(Exists);
                break;
            case Faults faults:
                drive.Faults(faults.Seed);
                break;
            case RemotePut put when _model.MayBeChangedRemotely(put.Path):
                var bytes = Pattern.Of(put.Length, put.Seed);
                drive.RemotePut(put.Path, bytes);
                _model.RemotePut(put.Path, bytes);
                SeeRemote(put.Path);
                break;
            case RemoteDelete delete when _model.MayBeChangedRemotely(delete.Path) && drive.Bucket().ContainsKey(delete.Path) && _model.Bucket().ContainsKey(delete.Path):
                drive.RemoteDelete(delete.Path);
                _model.RemoteDelete(delete.Path);
                SeeRemote(delete.Path);
                break;
            case Contest contest when _model.MayBeChangedRemotely(contest.Path) && _model.CanSettle && !_model.IsLink(contest.Path):
                Compete(contest);
                break;
            default:
                return;
        }

        var kind = op.GetType().Name;
        Taken[kind] = Taken.GetValueOrDefault(kind) + 1;
    }

    private void Both(Call call)
    {
        var expected = _model.Answer(call);
        if (drive.Answer(call).DifferenceFrom(expected) is { } difference) throw new MismatchException(difference);
    }

    private bool Exists(string path) => drive.Answer(new Stat(path)).Errno == 0;

    private void Settle()
    {
        drive.Settle();
        _model.Settled();
    }

    private void Work(int calls)
    {
        drive.Work(calls);
        _model.HalfSent();
    }

    private void SeeRemote(string path) => Both(new ReadDirectory(Parent(path)));

    // P6: an upload over an object that changed remotely keeps both.
    private void Compete(Contest contest)
    {
        if (drive.SendsByItself) Settle(); // a deletion that it is about to make would meet the new object
        var parent = Parent(contest.Path);
        var remote = Pattern.Of(contest.Length, contest.Seed);
        drive.RemotePut(contest.Path, remote);
        Both(new Open(ContestSlot, contest.Path, OpenMode.Write | OpenMode.Create | OpenMode.Truncate, 0b110_100_100));
        Both(new Write(ContestSlot, 0, contest.Length, contest.Seed + 1));
        Both(new Close(ContestSlot));
        drive.Settle();
        var copies = Names(drive, parent).Except(Names(_model, parent)).ToList();
        var name = contest.Path[(parent.Length == 0 ? 0 : parent.Length + 1)..];
        if (copies is not [var copy] || !copy.StartsWith($"{name} (conflict ", StringComparison.Ordinal))
            throw new MismatchException($"expected one conflict copy of {name}, found [{string.Join(", ", copies)}]");
        _model.KeepBoth(contest.Path, copy, remote);
        _model.Settled();
    }

    private static string[] Names(ICallable system, string directory) => system.Answer(new ReadDirectory(directory)).Text.Split('/');

    private void CompareTrees()
    {
        if (TreeReader.Differs(TreeReader.Read(drive), TreeReader.Read(_model)) is { } difference) throw new MismatchException($"tree: {difference}");
    }

    private static string Parent(string path) => path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')] : "";
}
