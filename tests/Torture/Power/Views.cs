namespace SyncAgent.Torture.Power;

/// <summary>A name that the drive shows after recovery.</summary>
/// <param name="Path">Names joined with "/".</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="State">The state of a file, e.g. "synced".</param>
/// <param name="Bytes">The file's bytes.</param>
internal sealed record SeenName(string Path, bool IsFolder, string State, byte[] Bytes);

/// <summary>An object of the bucket, from the server's side.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Hash">SHA-256 of its bytes.</param>
internal sealed record SeenObject(string Key, string Hash);

/// <summary>What recovery made of an image.</summary>
/// <param name="Names">What the drive shows, once nothing is left to do.</param>
/// <param name="Trouble">What did not end well; none when all is fine.</param>
/// <param name="KnownUploads">Ids of multipart uploads that the journal knows.</param>
/// <param name="DoubtfulKeys">Keys of uploads whose id was lost with a reply.</param>
internal sealed record Recovered(IReadOnlyList<SeenName> Names, IReadOnlyList<string> Trouble, IReadOnlySet<string> KnownUploads, IReadOnlySet<string> DoubtfulKeys);
