using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>The journal's rows of multipart uploads: what was begun, what arrived, what is to be aborted. Each call is a commit.</summary>
internal sealed class UploadCheckpoint(TransferContext context)
{
    /// <summary>"About to initiate", before the store hears of it. Survives a power cut too: the store will remember the upload.</summary>
    public UploadRow Intend(SendTarget target, PartPlan plan)
    {
        var row = new UploadRow(
            context.Journal.NewId(), context.Drive.Id, target.Node.Id, target.Generation ?? 0, target.Key, null, plan.PartSize, plan.Size,
            UploadPhase.Intent, context.Now, true);
        context.Journal.CommitFull(context.Journal.Enqueue(writer => writer.AddUpload(row)));
        return row;
    }

    /// <summary>The store gave an id. Survives a power cut before anything is sent under it.</summary>
    public UploadRow Activate(UploadRow intent, string uploadId)
    {
        var row = intent with { UploadId = uploadId, Phase = UploadPhase.Active };
        context.Journal.CommitFull(context.Journal.Enqueue(writer => writer.ActivateUpload(row)));
        return row;
    }

    /// <summary>The reply to Initiate was lost.</summary>
    public void Lose(UploadRow row) => context.Journal.Commit(writer => writer.SetUploadPhase(row.Id, UploadPhase.PossiblyOurs));

    /// <summary>A part arrived.</summary>
    public void Record(PartRow part) => context.Journal.Commit(writer => writer.PutPart(part));

    /// <summary>A recorded part cannot be used.</summary>
    public void Forget(PartRow part) => context.Journal.Commit(writer => writer.RemovePart(part.Upload, part.Number));

    /// <summary>Complete is about to be sent.</summary>
    public void BeginComplete(UploadRow row, SendTarget target)
    {
        var write = WriteOf(target);
        Commit(write, writer =>
        {
            writer.SetUploadPhase(row.Id, UploadPhase.Completing);
            writer.BeginWrite(write);
        });
    }

    /// <summary>A put or copy is about to be sent. False when the result of an earlier one is not known either.</summary>
    public bool BeginWrite(SendTarget target)
    {
        var write = WriteOf(target);
        var isFirst = !context.Reader.UploadsTo(context.Drive.Id, target.Key).Any(row => row.Node == target.Node.Id && row.Phase == UploadPhase.Writing);
        Commit(write, writer => writer.BeginWrite(write));
        return isFirst;
    }

    /// <summary>The store refused a put or copy for certain.</summary>
    public void EndWrite(SendTarget target) => context.Journal.Commit(writer => writer.EndWrite(target.Node.Id, target.Key));

    /// <summary>The store has no such upload any more.</summary>
    public void Remove(UploadRow row) => context.Journal.Commit(writer => writer.RemoveUpload(row.Id));

    /// <summary>Uploads that nobody goes on with are to be aborted; the ones without an id can only be listed.</summary>
    public void Abandon(IEnumerable<UploadRow> rows)
    {
        var list = rows.Where(IsToLeave).ToList();
        if (list.Count == 0) return;
        context.Journal.Commit(writer =>
        {
            foreach (var row in list) writer.SetUploadPhase(row.Id, PhaseToLeave(row));
        });
    }

    /// <summary>Whether giving a node's work up concerns a row.</summary>
    public static bool IsToLeave(UploadRow row) => row.Phase is UploadPhase.Intent or UploadPhase.Active or UploadPhase.Completing;

    /// <summary>The phase of an upload that is given up.</summary>
    public static UploadPhase PhaseToLeave(UploadRow row) => row.UploadId is null ? UploadPhase.PossiblyOurs : UploadPhase.Aborting;

    /// <summary>The upload to go on with for a target; all others of its node are given up.</summary>
    public UploadRow? FindUsable(SendTarget target)
    {
        var rows = context.Reader.UploadsOf(target.Node.Id);
        var usable = rows.LastOrDefault(row => row.Intact && row.UploadId is not null && row.Generation == target.Generation
            && row.Key == target.Key && row.Size == target.Size && row.Phase is UploadPhase.Active or UploadPhase.Completing
            && IsPlausible(row, context.Store.Capabilities));
        Abandon(rows.Where(row => row.Id != usable?.Id));
        return usable;
    }

    // An object is found again after a power cut by the key that its node wants then: so whatever gave the node this key, a folder's renaming too,
    // survives the cut, and whoever takes it away commits later than this. Where the node wants another key already, or is gone, this row is all
    // that leads there.
    private void Commit(UploadRow write, Action<JournalWriter> intent)
    {
        var sequence = context.Journal.Enqueue(intent);
        context.Journal.WaitCommitted(sequence);
        var (key, changed) = context.Reader.AtOneMoment(() => (context.KeyOf(write.Node), context.Reader.NewestChangeAbove(write.Node)));
        context.Journal.CommitFull(key == write.Key ? changed : sequence);
    }

    private UploadRow WriteOf(SendTarget target) => new(
        context.Journal.NewId(), context.Drive.Id, target.Node.Id, target.Generation ?? 0, target.Key, null, 0, target.Size, UploadPhase.Writing,
        context.Now, true);

    private static bool IsPlausible(UploadRow row, StoreCapabilities store) =>
        row.PartSize >= 1 && (row.Size + row.PartSize - 1) / row.PartSize <= store.MaxParts;
}
