namespace SyncAgent.DevStore;

/// <summary>
/// A bucket and the versions of its objects. Which version is current follows from the versions alone: the one with the highest
/// <see cref="ObjectRecord.Sequence"/>, unless that is a delete marker. So records may be replayed in any order.
/// </summary>
internal sealed class Bucket(BucketRecord record)
{
    public BucketRecord Record { get; set; } = record;

    /// <summary>The current versions: all that a listing shows.</summary>
    public KeyIndex<ObjectRecord> Objects { get; } = new();

    /// <summary>Older versions, and delete markers, which are never current. Newest first within a key.</summary>
    public KeyIndex<ObjectRecord> Hidden { get; } = new();

    public KeyIndex<Upload> Uploads { get; } = new();

    /// <summary>Sum of the sizes of all current objects, in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>All versions of a key, newest first, delete markers among them.</summary>
    public IEnumerable<ObjectRecord> VersionsOf(string key)
    {
        IEnumerable<ObjectRecord> hidden = HiddenOf(key);
        return Objects.Find(key) is { } current ? hidden.Prepend(current) : hidden;
    }

    /// <summary>Adds a version, or replaces the one with the same id.</summary>
    /// <returns>The one replaced, or null.</returns>
    public ObjectRecord? SetVersion(ObjectRecord item)
    {
        ObjectRecord? replaced = Take(item.Key, item.VersionId);
        ObjectRecord? top = VersionsOf(item.Key).FirstOrDefault();
        if (item.IsDeleteMarker || (top is not null && top.Sequence > item.Sequence)) Hide(item);
        if (top is not null && top.Sequence > item.Sequence) return replaced;
        if (SetCurrent(item.Key, item.IsDeleteMarker ? null : item) is { } former) Hide(former);
        return replaced;
    }

    /// <summary>Removes a version; the one before it becomes current, unless it is a delete marker.</summary>
    /// <returns>The one removed, or null.</returns>
    public ObjectRecord? DropVersion(string key, string? versionId)
    {
        ObjectRecord? dropped = Take(key, versionId);
        if (Objects.Find(key) is not null || HiddenOf(key).FirstOrDefault() is not { IsDeleteMarker: false } next) return dropped;
        Hidden.Remove(key, Position(next));
        SetCurrent(key, next);
        return dropped;
    }

    private IEnumerable<ObjectRecord> HiddenOf(string key) =>
        Hidden.From(new KeyIndex<ObjectRecord>.Entry(key, "", null)).TakeWhile(e => e.Key == key).Select(e => e.Value!);

    private ObjectRecord? Take(string key, string? versionId)
    {
        if (VersionsOf(key).FirstOrDefault(v => v.VersionId == versionId) is not { } found) return null;
        if (Hidden.Remove(key, Position(found)) is null) SetCurrent(key, null);
        return found;
    }

    private void Hide(ObjectRecord item) => Hidden.Set(item.Key, Position(item), item);

    private ObjectRecord? SetCurrent(string key, ObjectRecord? item)
    {
        ObjectRecord? former = item is null ? Objects.Remove(key) : Objects.Set(key, "", item);
        Bytes += (item?.Size ?? 0) - (former?.Size ?? 0);
        return former;
    }

    /// <summary>Orders newest first.</summary>
    public static string Position(ObjectRecord item) => (long.MaxValue - item.Sequence).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}

internal sealed class Upload(UploadRecord record)
{
    public UploadRecord Record { get; } = record;

    public SortedDictionary<int, PartRecord> Parts { get; } = [];
}
