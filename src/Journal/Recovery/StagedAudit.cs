using Microsoft.Extensions.Logging;

namespace SyncAgent.Journal;

/// <summary>
/// Checks staged files against the journal behind the mount. First what is in doubt, smallest first: whoever opens such a file waits for
/// it, and nobody sends it before. Then, after an end that was not clean, everything else: whether it is there and as long as it should be,
/// and of what the bucket holds too whether its checksum is right (what is sent is summed up before it is sent anyway).
/// </summary>
public sealed class StagedAudit
{
    private const int PageSize = 500;

    private readonly JournalStore _journal;
    private readonly LostAndFound _lost;
    private readonly Func<ContentSource, bool> _isIntact;
    private readonly ILogger _logger;
    private long _checked;
    private volatile bool _running;

    /// <summary>Makes an audit.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="lost">Where damaged copies go.</param>
    /// <param name="isIntact">Whether a generation's staged bytes match their recorded size and checksum; false also when that cannot be told.</param>
    /// <param name="logger">Log.</param>
    public StagedAudit(JournalStore journal, LostAndFound lost, Func<ContentSource, bool> isIntact, ILogger logger)
    {
        _journal = journal;
        _lost = lost;
        _isIntact = isIntact;
        _logger = logger;
    }

    /// <summary>Whether it runs now.</summary>
    public bool IsRunning => _running;

    /// <summary>Staged files looked at so far.</summary>
    public long Checked => Interlocked.Read(ref _checked);

    /// <summary>Runs to its end. What cannot be checked now, as its disk fails, stays in doubt until the next start.</summary>
    /// <param name="everything">Also what is not in doubt.</param>
    /// <param name="cancellationToken">Cancels between two files.</param>
    public void Run(bool everything, CancellationToken cancellationToken)
    {
        _running = true;
        try
        {
            using var reader = _journal.OpenReader();
            Prove(reader, cancellationToken);
            if (everything) LookThrough(reader, cancellationToken);
        }
        finally
        {
            _running = false;
        }
    }

    private void Prove(JournalReader reader, CancellationToken cancellationToken)
    {
        // Of one file the newest first: when it is not whole, the one before it counts, and is to be proved in its turn.
        var doubts = _journal.Doubts.All().Select(id => reader.Generation(id) ?? Gone(id))
            .GroupBy(generation => generation.Node).OrderBy(file => file.Sum(generation => generation.Size))
            .SelectMany(file => file.OrderByDescending(generation => generation.Id)).ToList();
        foreach (var generation in doubts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Prove(reader, generation);
            _journal.Doubts.Settle(generation.Id);
            Interlocked.Increment(ref _checked);
        }

        if (doubts.Count > 0)
        {
            _journal.WaitCommitted(_journal.EnqueuedSequence);
            var durable = _journal.DurableSequence;
            _journal.CommitFull(_journal.Enqueue(writer => writer.RetireUpTo(durable))); // put off while there were doubts
            if (_journal.GetValue(JournalRecovery.DoubtsValue) is not null) _journal.SetValue(JournalRecovery.DoubtsValue, null);
        }

        if (_journal.GetValue(JournalRecovery.RebuiltValue) is null) return;
        _journal.SetValue(JournalRecovery.RebuiltValue, null);
        _journal.Writes.Open(JournalRecovery.RebuildCause);
        _logger.LogWarning("the journal is made anew: the drives can be changed again");
    }

    private void Prove(JournalReader reader, Generation generation)
    {
        if (reader.Content(generation.Id) is not { } source) return; // removed or replaced meanwhile
        if (generation.Folding)
        {
            var done = TryFoldAgain(source);
            if (reader.Content(generation.Id) is not { } folded) return;
            source = folded;
            // Only what is durable is folded: done again from the overlay it is whole, also where no checksum says so.
            if (done && source.Generation.Crc is null) return;
        }

        if (reader.Node(generation.Node) is not { } node || node.Content != generation.Id || _isIntact(source) || reader.Generation(generation.Id) is null) return;
        _logger.LogError("generation {Generation} of node {Node} did not survive: its bytes are incomplete and are not published", generation.Id, generation.Node);
        MissingStaging.StandIn(_journal.Files, generation); // from now on it is what the file has open

        // There is room for one that waits for its user. What was begun above a content that the power cut tore was promised to nobody; of the
        // torn one an fsync may have been. What stands on it shows its bytes anyway.
        var above = node.Open is { } open ? reader.Generation(open) : null;
        if (above?.BaseGeneration == generation.Id || above?.Id > _journal.IdsBefore)
        {
            _journal.Commit(writer => writer.Distrust(generation.Id, generation.Node));
            if (above.BaseGeneration == generation.Id) return;
            _lost.Add(_journal.Files.FileOf(generation.Staging), "a closed content that did not survive a power cut whole, with a newer one above it");
            _journal.Commit(writer => writer.ForgetGeneration(generation.Id));
            return;
        }

        _journal.Commit(writer => writer.Distrust(generation.Id, generation.Node, above?.Id));
        if (above is not null)
            _lost.Add(_journal.Files.FileOf(above.Staging), "a content that had not been made safe when the power went, above one that did not survive whole either");
    }

    private bool TryFoldAgain(ContentSource source)
    {
        try
        {
            Folding.Redo(_journal, source);
            CrashPoints.Reach(CrashPoints.RecoveryFolded);
            return true;
        }
        catch (FileNotFoundException e)
        {
            // Without its files it cannot be intact, and the check that follows says so.
            _logger.LogError(e, "the joining of generation {Generation} with its base cannot be done again", source.Generation.Id);
            return false;
        }
    }

    private void LookThrough(JournalReader reader, CancellationToken cancellationToken)
    {
        var found = 0;
        for (long after = 0; reader.GenerationsAfter(after, PageSize) is { Count: > 0 } page; after = page[^1].Id)
        {
            foreach (var generation in page)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (generation.State == GenerationState.Sealed && !TryConfirm(reader, generation)) found++;
                Interlocked.Increment(ref _checked);
            }
        }

        _logger.LogInformation("the staged files were checked after an end that was not clean: {Checked} looked at, {Found} damaged", Checked, found);
    }

    private bool TryConfirm(JournalReader reader, Generation generation)
    {
        if (reader.Node(generation.Node) is not { } node || node.Content != generation.Id) return true;
        var isInBucket = node is { Open: null, Pending: false } && node.Remote?.Generation == generation.Id;
        if (Missing(generation) is not { } what)
        {
            if (!isInBucket || reader.Content(generation.Id) is not { } source || _isIntact(source)) return true;
            what = "its bytes changed on disk";
        }

        if (reader.Node(node.Id) is not { } now || now.Content != generation.Id) return true; // replaced or given back while it was looked at
        if (isInBucket)
        {
            // The bucket has it: the local copy is set aside, and reads go there.
            var path = _journal.Files.FileOf(generation.Staging);
            if (File.Exists(path)) _lost.Add(path, $"local copy of a file that the bucket holds: {what}");
            _journal.Commit(writer => writer.EvictContent(node.Id));
            _logger.LogError("the local copy of node {Node} was damaged ({What}); it is read from the bucket again", node.Id, what);
        }
        else
        {
            var error = $"the staged copy cannot be sent: {what}. Check the disk of the state folder, then write the file again.";
            _journal.Commit(writer => writer.Fail(node.Id, Problem.Failed, error, node.Changed));
            _logger.LogError("the staged content of node {Node} cannot be sent: {What}", node.Id, what);
        }

        return false;
    }

    private string? Missing(Generation generation)
    {
        var file = new FileInfo(_journal.Files.FileOf(generation.Staging));
        if (!file.Exists) return "it is missing";
        if (generation.Base == BaseKind.None) return file.Length == generation.Size ? null : $"it has {file.Length} of {generation.Size} bytes";
        return File.Exists(_journal.Files.MapOf(generation.Staging)) ? null : "the log of its changed ranges is missing";
    }

    private static Generation Gone(long id) => new() { Id = id, Node = 0, Staging = "", State = GenerationState.Open };
}
