using System.Security.Cryptography;
using SyncAgent.Torture.Rigs;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Torture.Crash;

/// <summary>Looks at a bucket from the server's side: past the agent, and past every client.</summary>
internal sealed class BucketCheck(Rig rig, ClosedContents closed, IReadOnlyList<Writer> writers)
{
    private const int MostRequests = 100_000;

    private readonly Dictionary<string, (string ETag, string Sum, long Size)> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<string> _learned = new(StringComparer.Ordinal);
    private readonly HashSet<string> _lost = new(StringComparer.Ordinal);

    /// <summary>Objects whose bytes were read and compared.</summary>
    public long Compared { get; private set; }

    /// <summary>Multipart uploads that are left because their id was lost with the reply.</summary>
    public int LostUploads => _lost.Count;

    /// <summary>Notes the ids of uploads that a dead agent knew: none of them may be left in the end.</summary>
    public void NoteKnown(IEnumerable<string> ids) => _learned.UnionWith(ids);

    /// <summary>Takes over what the store's log tells of uploads, and empties it: before each drain, and before the store itself ends.</summary>
    public void TakeLog()
    {
        foreach (var request in rig.Store.Log.Entries)
        {
            // Whoever lists uploads asks for the parts of those, too, that are nobody's.
            if (request.UploadId is { } id && request.Operation is not ("InitiateMultipartUpload" or "ListParts")) _learned.Add(id);
            rig.Requests.Enqueue(request);
            if (rig.Requests.Count > MostRequests) rig.Requests.Dequeue();
        }

        rig.Store.Log.Clear();
    }

    /// <summary>Every object that is new since the last look is what some close made.</summary>
    public IEnumerable<string> FindTorn()
    {
        foreach (var key in rig.Store.ListKeys(Rig.Bucket))
        {
            if (Look(key) is not { } found) continue;
            if (!key.EndsWith('/') && !closed.Has(found.Sum)) yield return $"TORN {key}: {found.Size} bytes {found.Sum[..12]} that no close made";
        }
    }

    /// <summary>After a drain: the bucket holds what the writers know, and nothing else.</summary>
    /// <param name="wiped">Whether the state folder is gone: what was never to be sent is gone with it.</param>
    public IEnumerable<string> FindWrong(bool wiped)
    {
        var keys = rig.Store.ListKeys(Rig.Bucket).ToHashSet(StringComparer.Ordinal);
        foreach (var writer in writers)
        {
            foreach (var (path, item) in writer.Ledger.Items.ToList())
            {
                var key = AgentConfig.Prefix + (item.IsFolder ? path + "/" : path);
                var mayStayHere = path.EndsWith(".ign", StringComparison.Ordinal);
                if (!keys.Remove(key))
                {
                    if (!mayStayHere) yield return $"LOST {key}: {item} is not in the bucket";
                    else if (wiped) writer.Ledger.Forget(path);
                }
                else if (!item.IsFolder && Current(key) is var found && found.Sum != item.Sum)
                {
                    yield return $"LOST {key}: the bucket holds {found.Size} bytes {found.Sum[..12]}, the last close made {item}";
                }
            }
        }

        foreach (var key in keys.Where(key => !IsOthers(key))) yield return $"LEFT {key} should not be in the bucket";
        foreach (var problem in FindUploads()) yield return problem;
    }

    private static bool IsOthers(string key) => key.StartsWith("side", StringComparison.Ordinal)
        || Company.Folders.Append(".trash").Any(folder => key.StartsWith($"{AgentConfig.Prefix}{folder}/", StringComparison.Ordinal));

    private IEnumerable<string> FindUploads()
    {
        TakeLog();
        foreach (var upload in rig.Store.OpenUploads(Rig.Bucket))
        {
            if (_learned.Contains(upload.UploadId)) yield return $"UPLOAD {upload.UploadId} of {upload.Key} is left, and the agent knew its id";
            else _lost.Add(upload.UploadId);
        }
    }

    private (string ETag, string Sum, long Size) Current(string key)
    {
        Look(key);
        return _seen[key];
    }

    /// <summary>What stands under a key, when that is new.</summary>
    private (string ETag, string Sum, long Size)? Look(string key)
    {
        using var stored = rig.Store.ReadObject(Rig.Bucket, key);
        if (stored is null || (_seen.TryGetValue(key, out var known) && known.ETag == stored.ETag)) return null;
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 << 10];
        for (int count; (count = stored.Read(buffer)) > 0;) sum.AppendData(buffer, 0, count);
        Compared++;
        return _seen[key] = (stored.ETag, Convert.ToHexStringLower(sum.GetHashAndReset()), stored.Size);
    }
}
