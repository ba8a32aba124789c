using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Commits what the bucket confirmed, with its receipt, and the end of the upload that led to it.</summary>
internal sealed class Confirmer(TransferContext context)
{
    /// <summary>The store accepted an object.</summary>
    /// <param name="target">What was sent.</param>
    /// <param name="stored">The store's answer.</param>
    /// <param name="proofWithoutCrc">What proves it where the store states no checksum.</param>
    /// <param name="upload">The multipart upload that is over with it, or null.</param>
    public void Stored(SendTarget target, StoredObject stored, Proof proofWithoutCrc, long? upload = null)
    {
        if (Differs(target, stored.Crc64))
        {
            throw new StoreException(
                StoreErrorKind.ChecksumMismatch, $"the store states CRC-64 {stored.Crc64:x16} of {target.Key}, the content has {target.Crc:x16}")
            {
                RequestId = stored.RequestId,
            };
        }

        Commit(
            target,
            new RemoteState(
                target.Key, stored.ETag, stored.VersionId, stored.Crc64 ?? target.Crc, target.Size, context.NowNanoseconds, target.Generation,
                target.Attributes, stored.Crc64 is null ? proofWithoutCrc : Proof.Crc64),
            upload, NoteOf(target, stored));
    }

    /// <summary>The object was found in place already. Where its metadata is not what it should be, the next step says so.</summary>
    public void Found(SendTarget target, ObjectInfo found) => Commit(
        target,
        new RemoteState(
            target.Key, found.ETag, found.VersionId, found.Crc64 ?? target.Crc, found.Size, Nanoseconds(found.LastModified), target.Generation,
            ObjectMetadata.IsCurrent(found, target) ? target.Node.AttributeVersion : RemoteStateVersions.Unknown,
            found.Crc64 is null ? Proof.PartChecksums : Proof.Crc64),
        upload: null, note: null);

    public static bool Differs(SendTarget target, ulong? crc) => crc is not null && target.Crc is not null && crc != target.Crc;

    /// <summary>Stored but not notified: that is told, and nothing is sent again.</summary>
    private string? NoteOf(SendTarget target, StoredObject stored)
    {
        if (stored.Callback is not { Notified: false } callback) return null;
        context.Logger.LogWarning("{Key} is stored, but its upload callback failed: {Message}", target.Key, callback.Message);
        return $"callback failed: {callback.Message}";
    }

    private static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static HistoryKind KindOf(RemoteState? former, RemoteState now) =>
        former is not { ETag: not null } || former.Generation != now.Generation ? HistoryKind.Uploaded
        : former.Key != now.Key ? HistoryKind.Copied
        : HistoryKind.Updated;

    private void Commit(SendTarget target, RemoteState remote, long? upload, string? note)
    {
        var now = context.Now;
        var receipt = new Receipt(context.Drive.Id, target.Node.Id, target.Generation, remote, now) { Note = note };
        var history = new HistoryRow(0, context.Drive.Id, now, KindOf(target.Node.Remote, remote), remote.Key, remote.Size, remote.ETag, note);
        var sequence = context.Journal.Enqueue(writer =>
        {
            writer.ConfirmRemote(context.Drive.Id, target.Node.Id, remote, receipt, now);
            writer.AddHistory(history);
            writer.EndWrite(target.Node.Id, target.Key);
            if (upload is { } id) writer.RemoveUpload(id);
        });

        // An object under another key than before: the former one is deleted next, or its key given to another file. After a power cut
        // nobody may look for it there.
        if (target.Node.Remote is { ETag: not null } former && former.Key != remote.Key) context.Journal.CommitFull(sequence);
        else context.Journal.WaitCommitted(sequence);
    }
}

/// <summary>Attribute versions with a meaning of their own.</summary>
internal static class RemoteStateVersions
{
    /// <summary>The object's metadata is not known to be any version of ours.</summary>
    public const long Unknown = -1;
}
