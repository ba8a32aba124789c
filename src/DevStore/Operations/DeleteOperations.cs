using System.Security.Cryptography;
using System.Xml.Linq;

namespace SyncAgent.DevStore;

internal sealed class DeleteOperations(Catalog catalog, DevStoreOptions options)
{
    private const int MaxDeletes = 1000;

    public async Task<OssResponse> DeleteAsync(OssRequest request)
    {
        Deletion done = await DropAsync(request.Bucket, request.Key, request.Parameter("versionId"));
        return new OssResponse { Status = 204 }
            .With("x-oss-delete-marker", done.Marker ? "true" : null)
            .With("x-oss-version-id", done.VersionId);
    }

    public async Task<OssResponse> DeleteManyAsync(OssRequest request)
    {
        string md5 = request.Header("content-md5") ?? throw OssErrors.MissingArgument("Content-MD5");
        byte[] body = await request.Body.ReadAllAsync();
        if (md5 != Convert.ToBase64String(MD5.HashData(body))) throw OssErrors.InvalidDigest();
        XElement document = RequestBody.ParseXml(body);
        List<(string Key, string? VersionId)> wanted =
            [.. document.Elements("Object").Select(o => (o.Element("Key")?.Value ?? "", o.Element("VersionId")?.Value))];
        if (wanted.Count is 0 or > MaxDeletes) throw OssErrors.MalformedXml($"1 to {MaxDeletes} objects.");
        wanted.ForEach(w => RequestParser.CheckKey(w.Key));
        // Together: the commits share their fsync.
        Deletion[] done = await Task.WhenAll(wanted.Select(w => DropAsync(request.Bucket, w.Key, w.VersionId)));
        if (document.Element("Quiet")?.Value.Trim() == "true") return OssResponse.Xml("DeleteResult", _ => { });
        ListingQuery encoding = ListingQuery.Of(request, 0);
        return OssResponse.Xml("DeleteResult", xml =>
        {
            if (encoding.UrlEncoded) xml.WriteElementString("EncodingType", "url");
            foreach (((string key, string? versionId), Deletion deletion) in wanted.Zip(done))
            {
                xml.WriteStartElement("Deleted");
                xml.WriteElementString("Key", encoding.Encoded(key));
                if (versionId is not null) xml.WriteElementString("VersionId", versionId);
                if (deletion.Marker) xml.WriteElementString("DeleteMarker", "true");
                if (deletion is { Marker: true, VersionId: { } marker }) xml.WriteElementString("DeleteMarkerVersionId", marker);
                xml.WriteEndElement();
            }
        });
    }

    /// <summary>Deleting what is not there succeeds, as in OSS. With versioning it leaves a delete marker; a named version is gone for good.</summary>
    private async Task<Deletion> DropAsync(string bucket, string key, string? versionId)
    {
        var done = new Deletion(Marker: false, versionId);
        await catalog.CommitAsync<LogRecord>(state =>
        {
            Bucket holder = state.GetBucket(bucket);
            if (versionId is not null)
            {
                ObjectRecord? named = holder.VersionsOf(key).FirstOrDefault(v => v.VersionId == VersionIds.Parse(versionId));
                done = done with { Marker = named is { IsDeleteMarker: true } };
                return named is null ? null : new LogRecord.VersionDropped(bucket, key, named.VersionId);
            }

            if (holder.Record.Versioning is null) return holder.Objects.Find(key) is null ? null : new LogRecord.ObjectDropped(bucket, key);
            ObjectRecord marker = state.Stamp(MarkerOf(bucket, key));
            done = new Deletion(Marker: true, VersionIds.Show(marker.VersionId));
            return new LogRecord.ObjectSet(marker);
        });
        return done;
    }

    private ObjectRecord MarkerOf(string bucket, string key) => new()
    {
        Bucket = bucket,
        Key = key,
        Slices = [],
        Size = 0,
        ETag = "",
        LastModified = options.TimeProvider.GetUtcNow(),
        Attributes = new ObjectAttributes(),
        IsDeleteMarker = true,
    };

    /// <param name="Marker">Whether a delete marker was made, or was what has been removed.</param>
    /// <param name="VersionId">Of that marker, or as named in the request.</param>
    private sealed record Deletion(bool Marker, string? VersionId);
}
