namespace SyncAgent.Journal;

/// <summary>A drive: a folder bound to a bucket and prefix. Another binding is refused while anything is pending.</summary>
/// <param name="Id">Row id.</param>
/// <param name="Root">Node id of its top directory.</param>
/// <param name="Store">"oss" or "s3".</param>
/// <param name="Endpoint">Endpoint as given.</param>
/// <param name="Region">Region id.</param>
/// <param name="Bucket">Bucket.</param>
/// <param name="Prefix">Key prefix, empty or ending in "/".</param>
/// <param name="MountPoint">Where it was last mounted, absolute.</param>
public sealed record DriveRow(
    long Id, long Root, string Store, string Endpoint, string Region, string Bucket, string Prefix, string MountPoint)
{
    /// <summary>Whether two rows speak of the same objects.</summary>
    public bool SameTarget(DriveRow other) =>
        Store == other.Store && Endpoint.TrimEnd('/') == other.Endpoint.TrimEnd('/') && Bucket == other.Bucket && Prefix == other.Prefix;
}
