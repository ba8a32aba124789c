namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>A multipart upload that the store still has open.</summary>
internal sealed record OpenUpload(string Key, string Id);

/// <summary>What verify.mjs found when it compared a bucket with a folder, by the official client.</summary>
internal sealed record BucketReport(
    long Files, long Links, long Folders, long Bytes, IReadOnlyList<string> Problems, IReadOnlyList<OpenUpload> Uploads)
{
    /// <summary>Fails the test unless bucket and folder hold the same and no multipart upload is left.</summary>
    public BucketReport ExpectClean()
    {
        ExpectSame();
        Assert.Empty(Uploads);
        return this;
    }

    /// <summary>Fails the test unless bucket and folder hold the same.</summary>
    public BucketReport ExpectSame()
    {
        Assert.True(Problems.Count == 0, string.Join('\n', Problems.Take(20)));
        return this;
    }
}
