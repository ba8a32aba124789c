namespace SyncAgent.Torture.Workload;

/// <summary>
/// A program that changes files of its own folder in a drive, one call after the other, and writes down what each returned call promises.
/// The same seed makes the same choices as long as the drive answers the same.
/// </summary>
internal sealed partial class Writer(string folder, Random random, ClosedContents closed)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private const int MostPauses = 300;
    private const int Names = 14;
    private const int Folders = 5;
    private const int SmallSize = 4 << 10;
    private const int MiddleSize = 100 << 10;

    private readonly HashSet<string> _givenUp = new(StringComparer.Ordinal);
    private string _drive = "";
    private bool _settled;

    /// <summary>What it knows.</summary>
    public Ledger Ledger { get; } = new(closed);

    /// <summary>Its folder, below the drive.</summary>
    public string Folder => folder;

    /// <summary>Calls that returned.</summary>
    public long Calls { get; private set; }

    /// <summary>Broken promises that it saw itself.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Errors that a disk without space or a store that is away may give, by errno, and how often they came.</summary>
    public Dictionary<int, int> Refusals { get; } = [];

    /// <summary>Which errors of calls are no defect of the drive now (none of them: errno numbers).</summary>
    public IReadOnlySet<int> AllowedErrors { get; set; } = new HashSet<int>();

    /// <summary>Works until it is stopped or the drive dies under it.</summary>
    /// <param name="drive">Where it is mounted now.</param>
    /// <param name="stop">Ends the work between two calls.</param>
    /// <returns>False when the drive died.</returns>
    public bool Work(string drive, CancellationToken stop)
    {
        _drive = drive;
        try
        {
            _settled = false;
            while (!stop.IsCancellationRequested && Failures.Count == 0)
            {
                if ((!_settled || Ledger.IsInDoubt) && !TrySettle())
                {
                    stop.WaitHandle.WaitOne(Pause);
                    continue;
                }

                Guarded(Step);
                Calls++;
            }

            return true;
        }
        catch (PosixException e) when (e.IsDeadDrive)
        {
            return false;
        }
    }

    /// <summary>Leaves nothing in doubt and nothing unfinished. False when the drive died, or did not answer for half a minute.</summary>
    public bool Finish(string drive)
    {
        _drive = drive;
        try
        {
            _settled = false;
            for (var patience = 0; patience < MostPauses && Failures.Count == 0; patience++)
            {
                if (TrySettle())
                {
                    foreach (var path in Ledger.Unfinished.ToList()) Guarded(() => EndUnfinished(path));
                    if (!Ledger.IsInDoubt && Ledger.Unfinished.Count == 0) return true;
                }

                Thread.Sleep(Pause);
            }

            return false;
        }
        catch (PosixException e) when (e.IsDeadDrive)
        {
            return false;
        }
    }

    /// <summary>Something outside has taken away what a name held: from here on it holds nothing.</summary>
    public void GiveUp(string path) => _givenUp.Add(path);

    /// <summary>A look at what is in doubt may itself need a store that is away: then later.</summary>
    private bool TrySettle()
    {
        try
        {
            Settle();
            return Failures.Count == 0;
        }
        catch (PosixException e) when (!e.IsDeadDrive)
        {
            NoteRefusal(e);
            return false;
        }
    }

    private void Settle()
    {
        if (Ledger.Resolve(_drive, _givenUp) is { } wrong)
        {
            Failures.Add($"LOST {wrong}");
            return;
        }

        if (!_settled && Ledger.CheckRecent(_drive, _givenUp) is { } lost)
        {
            Failures.Add($"LOST {lost}");
            return;
        }

        foreach (var path in _givenUp.ToList())
        {
            if (Posix.IsFolder(Full(path)) == false) Posix.Unlink(Full(path));
            Ledger.Forget(path);
            _givenUp.Remove(path);
        }

        if (Posix.IsFolder(Full(folder)) is null) Make(folder);
        _settled = true;
    }

    private void NoteRefusal(PosixException error)
    {
        // A request that was just being copied to or from an agent that dies ends with EIO, not with ENOTCONN: the next one tells (fuse_dev_do_read,
        // fuse_dev_do_write in the kernel's fs/fuse/dev.c).
        if (error.Error == Posix.InputOutput) Posix.Attribute(_drive, "user.syncagent.state");
        if (AllowedErrors.Contains(error.Error)) Refusals[error.Error] = Refusals.GetValueOrDefault(error.Error) + 1;
        else Failures.Add($"REFUSED {error.Message}");
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (PosixException e) when (!e.IsDeadDrive)
        {
            NoteRefusal(e);
            // The state of the file follows its failed write with the next commit: to look now would be too early.
            if (Ledger.IsInDoubt && !(e.Error is Posix.NoSpace or Posix.InputOutput && TryRefuse())) TrySettle();
        }
    }

    // To look may need space too; then the next look decides.
    private bool TryRefuse()
    {
        try
        {
            return Ledger.Refuse(_drive);
        }
        catch (PosixException e) when (!e.IsDeadDrive)
        {
            NoteRefusal(e);
            return false;
        }
    }

    private string Full(string path) => Path.Combine(_drive, path);

    private void Make(string path)
    {
        Ledger.Begin([new Change(path, Item.Folder)]);
        Posix.MakeFolder(Full(path));
        Ledger.Succeed();
    }

    private byte[] NewBytes()
    {
        var kind = random.Next(100);
        var size = kind < 50 ? random.Next(SmallSize) : kind < 75 ? random.Next(MiddleSize) : kind < 95 ? 280_000 + random.Next(400_000) : 700_000 + random.Next(900_000);
        var bytes = new byte[size];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A file that is there and finished; null when there is none.</summary>
    private string? AnyFile(Func<Item, bool>? wanted = null)
    {
        var files = Ledger.Items.Where(entry => !entry.Value.IsFolder && !Ledger.Unfinished.Contains(entry.Key) && wanted?.Invoke(entry.Value) != false).ToList();
        return files.Count == 0 ? null : files[random.Next(files.Count)].Key;
    }

    /// <summary>A name for a file, taken or not; never that of an unfinished one.</summary>
    private string AnyName()
    {
        var folders = Ledger.Items.Where(entry => entry.Value.IsFolder).Select(entry => entry.Key).ToList();
        while (true)
        {
            var suffix = random.Next(25) == 0 ? ".ign" : "";
            var path = $"{folders[random.Next(folders.Count)]}/f{random.Next(Names)}{suffix}";
            if (!Ledger.Unfinished.Contains(path)) return path;
        }
    }

    private void EndUnfinished(string path)
    {
        if (random.Next(3) == 0) Remove(path);
        else Rewrite(path, NewBytes(), cut: random.Next(2) == 0);
    }
}
