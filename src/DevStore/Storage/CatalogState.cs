namespace SyncAgent.DevStore;

/// <summary>Everything that exists, in memory. Changes only by <see cref="Apply"/>; the catalog's gate guards it.</summary>
internal sealed class CatalogState
{
    private readonly SortedDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Upload> _uploads = new(StringComparer.Ordinal);
    private long _sequence;

    public IEnumerable<Bucket> Buckets => _buckets.Values;

    public int UploadCount => _uploads.Count;

    public bool HasUpload(string id) => _uploads.ContainsKey(id);

    public Bucket? FindBucket(string name) => _buckets.GetValueOrDefault(name);

    public Bucket GetBucket(string name) => FindBucket(name) ?? throw OssErrors.NoSuchBucket();

    public ObjectRecord GetObject(string bucket, string key) =>
        GetBucket(bucket).Objects.Find(key) ?? throw OssErrors.NoSuchKey(key);

    /// <summary>A version as a request names it: <c>null</c> in quotes is one from before versioning, no id at all the current one.</summary>
    /// <exception cref="OssException">There is none, or it is a delete marker.</exception>
    public ObjectRecord GetObject(string bucket, string key, string? versionId)
    {
        Bucket holder = GetBucket(bucket);
        ObjectRecord? found = versionId is null
            ? holder.VersionsOf(key).FirstOrDefault()
            : holder.VersionsOf(key).FirstOrDefault(v => v.VersionId == VersionIds.Parse(versionId)) ?? throw OssErrors.NoSuchVersion(key, versionId);
        if (found is { IsDeleteMarker: true }) throw OssErrors.IsDeleteMarker(found, named: versionId is not null);
        return found ?? throw OssErrors.NoSuchKey(key);
    }

    /// <summary>Gives a new version its id and its place, as its bucket's versioning demands.</summary>
    public ObjectRecord Stamp(ObjectRecord item) => GetBucket(item.Bucket).Record.Versioning switch
    {
        null => item with { VersionId = null, Sequence = 0 },
        BucketRecord.VersioningEnabled => item with { VersionId = VersionIds.Make(), Sequence = _sequence + 1 },
        // Suspended: a new version takes the place of the one without an id.
        _ => item with { VersionId = null, Sequence = _sequence + 1 },
    };

    public Upload GetUpload(string bucket, string key, string id) =>
        GetBucket(bucket).Uploads.Find(key, id) ?? throw OssErrors.NoSuchUpload(id);

    /// <summary>Carries out one change.</summary>
    /// <returns>The slices that got, and that lost, a reference by it.</returns>
    public (IReadOnlyList<BlobSlice> Added, IReadOnlyList<BlobSlice> Removed) Apply(LogRecord record)
    {
        switch (record)
        {
            case LogRecord.FormatMark:
                return ([], []);
            case LogRecord.BucketSet set:
                if (_buckets.TryGetValue(set.Bucket.Name, out Bucket? known)) known.Record = set.Bucket;
                else _buckets[set.Bucket.Name] = new Bucket(set.Bucket);
                return ([], []);
            case LogRecord.BucketDropped dropped:
                _buckets.Remove(dropped.Name);
                return ([], []);
            case LogRecord.ObjectSet set:
                return (set.Object.Slices, Put(set.Object));
            case LogRecord.ObjectDropped dropped:
                return ([], _buckets[dropped.Bucket].DropVersion(dropped.Key, versionId: null)?.Slices ?? []);
            case LogRecord.VersionDropped dropped:
                return ([], _buckets[dropped.Bucket].DropVersion(dropped.Key, dropped.VersionId)?.Slices ?? []);
            case LogRecord.UploadStarted started:
                var upload = new Upload(started.Upload);
                _uploads[started.Upload.Id] = upload;
                _buckets[started.Upload.Bucket].Uploads.Set(started.Upload.Key, started.Upload.Id, upload);
                return ([], []);
            case LogRecord.PartSet set:
                SortedDictionary<int, PartRecord> parts = _uploads[set.UploadId].Parts;
                IReadOnlyList<BlobSlice> replaced = parts.TryGetValue(set.Part.Number, out PartRecord? old) ? old.Slices : [];
                parts[set.Part.Number] = set.Part;
                return (set.Part.Slices, replaced);
            case LogRecord.UploadDropped dropped:
                return ([], Drop(dropped.UploadId));
            case LogRecord.UploadCompleted completed:
                return (completed.Object.Slices, [.. Put(completed.Object), .. Drop(completed.UploadId)]);
            default:
                throw new InvalidDataException($"A record of kind {record.GetType().Name} has no meaning.");
        }
    }

    /// <summary>The shortest list of records that rebuilds this state.</summary>
    public IEnumerable<LogRecord> Snapshot()
    {
        foreach (Bucket bucket in _buckets.Values)
        {
            yield return new LogRecord.BucketSet(bucket.Record);
            foreach (ObjectRecord item in bucket.Objects.Values.Concat(bucket.Hidden.Values)) yield return new LogRecord.ObjectSet(item);
        }

        foreach (Upload upload in _uploads.Values)
        {
            yield return new LogRecord.UploadStarted(upload.Record);
            foreach (PartRecord part in upload.Parts.Values) yield return new LogRecord.PartSet(upload.Record.Id, part);
        }
    }

    private IReadOnlyList<BlobSlice> Put(ObjectRecord item)
    {
        _sequence = Math.Max(_sequence, item.Sequence);
        return _buckets[item.Bucket].SetVersion(item)?.Slices ?? [];
    }

    private List<BlobSlice> Drop(string uploadId)
    {
        if (!_uploads.Remove(uploadId, out Upload? upload)) return [];
        _buckets[upload.Record.Bucket].Uploads.Remove(upload.Record.Key, uploadId);
        return [.. upload.Parts.Values.SelectMany(p => p.Slices)];
    }
}
