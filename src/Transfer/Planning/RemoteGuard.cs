using System.Collections.Concurrent;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>What may be done with a key.</summary>
internal enum Verdict
{
    /// <summary>Nothing stands there: create, but never overwrite.</summary>
    Free,

    /// <summary>What stands there is what was expected, or ours: overwrite.</summary>
    Replace,

    /// <summary>What stands there is the content to be sent.</summary>
    Same,
}

/// <summary>A verdict and the object that it is about.</summary>
internal sealed record Checked(Verdict Verdict, ObjectInfo? Found);

/// <summary>
/// Looks before anything in the bucket is changed: no update of somebody else is ever lost. On a store without conditional
/// writes the time between this look and the write remains open.
/// </summary>
internal sealed class RemoteGuard(TransferContext context)
{
    private readonly ConcurrentDictionary<long, bool> _contradicted = new();

    /// <summary>The store itself has said that what it holds is not what was sent: from now on this generation is known by a checksum
    /// alone.</summary>
    public void Distrust(SendTarget target)
    {
        if (target.Generation is { } generation) _contradicted.TryAdd(generation, true);
    }

    /// <summary>Whether a target may be written. Throws <see cref="StepFailedException"/> with <see cref="Problem.Conflict"/> when
    /// the bucket holds somebody else's object.</summary>
    /// <param name="target">What is to be written.</param>
    /// <param name="look">True to ask the store even where the store itself refuses to overwrite.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Checked> CheckAsync(SendTarget target, bool look, CancellationToken cancellationToken)
    {
        var expectsNothing = target.Expected.Remote?.ETag is null;
        if (expectsNothing && !look && context.Store.Capabilities.ForbidOverwrite) return new Checked(Verdict.Free, null);
        var found = await context.Store.HeadAsync(target.Key, cancellationToken);
        return found is null ? new Checked(Verdict.Free, null) : new Checked(Judge(target, found), found);
    }

    /// <summary>Whether an object is what was last confirmed.</summary>
    public static bool IsExpected(RemoteState expected, ObjectInfo found)
    {
        if (expected.ETag != found.ETag) return HasSameBytes(expected, found);
        return expected.Version is null || found.VersionId is null || expected.Version == found.VersionId || HasSameBytes(expected, found);
    }

    private Verdict Judge(SendTarget target, ObjectInfo found)
    {
        if (target.HasContent(found.Size, found.Crc64)) return Verdict.Same;
        if (ObjectMetadata.IsSame(found, target))
        {
            // Ours after a lost reply. A store that states no checksum is believed by size; another checksum is a damaged copy.
            return found.Crc64 is null && found.Size == target.Size && !target.MayHoldCopies && !_contradicted.ContainsKey(target.Generation!.Value)
                ? Verdict.Same
                : Verdict.Replace;
        }

        if (target.Expected.Remote is { ETag: not null } expected && IsExpected(expected, found)) return Verdict.Replace;

        // An earlier content of this very file, whose reply was lost before the next one was closed.
        if (ObjectMetadata.IsOfNode(found, target)) return Verdict.Replace;
        throw new StepFailedException(
            Problem.Conflict,
            $"the bucket holds another version of {target.Key} (ETag {found.ETag}, {found.LastModified:u}); the local one is kept beside it");
    }

    private static bool HasSameBytes(RemoteState expected, ObjectInfo found) =>
        expected.Crc is not null && expected.Crc == found.Crc64 && expected.Size == found.Size;
}
