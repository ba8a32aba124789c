using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>An upload that the bucket has open, for scripts.</summary>
/// <param name="Key">Object key, with the prefix.</param>
/// <param name="UploadId">The store's id.</param>
/// <param name="Initiated">When it was begun.</param>
/// <param name="Parts">Parts that the store holds.</param>
/// <param name="Bytes">Their bytes, which are paid for.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="File">The local file, with an interrupted put.</param>
internal sealed record OpenUpload(string Key, string UploadId, DateTimeOffset Initiated, int Parts, long Bytes, UploadOwner Owner, string? File);

/// <summary>Looks at the open multipart uploads of a bucket.</summary>
internal static class OpenUploads
{
    /// <summary>All below a prefix, with what they hold.</summary>
    public static async IAsyncEnumerable<OpenUpload> ListAsync(
        IObjectStore store, string prefix, KnownUploads known, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        string? key = null, id = null;
        do
        {
            var page = await store.ListUploadsAsync(prefix, key, id, stop);
            foreach (var upload in page.Uploads)
            {
                if (await MeasureAsync(store, upload, stop) is not { } held) continue;
                yield return new OpenUpload(
                    upload.Key, upload.UploadId, upload.Initiated, held.Parts, held.Bytes, known.OwnerOf(upload.Key, upload.UploadId),
                    known.PutOf(upload.Key, upload.UploadId)?.Path);
            }

            (key, id) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
        while (key is not null);
    }

    /// <summary>What an upload holds, or null when it ended meanwhile.</summary>
    private static async Task<(int Parts, long Bytes)?> MeasureAsync(IObjectStore store, ListedUpload upload, CancellationToken stop)
    {
        var parts = 0;
        long bytes = 0;
        try
        {
            for (int? marker = 0; marker is { } after;)
            {
                var page = await store.ListPartsAsync(upload.Key, upload.UploadId, after, stop);
                parts += page.Parts.Count;
                bytes += page.Parts.Sum(part => part.Size);
                marker = page.NextPartNumberMarker;
            }
        }
        catch (StoreException e) when (e.Kind == StoreErrorKind.NoSuchUpload)
        {
            return null;
        }

        return (parts, bytes);
    }
}
