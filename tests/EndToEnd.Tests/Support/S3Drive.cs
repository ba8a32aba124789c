using System.Text;
using Amazon.S3;
using Amazon.S3.Model;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>A drive on an S3 store, with a prefix of its own, and what the vendor's client finds below it.</summary>
internal sealed class S3Drive : IAsyncDisposable
{
    private readonly SwiftStore _store;
    private readonly string[] _more;

    private S3Drive(SwiftStore store, Rig rig, string prefix, string[] more)
    {
        _store = store;
        Rig = rig;
        Prefix = prefix;
        _more = more;
    }

    public Rig Rig { get; }

    public string Prefix { get; }

    /// <summary>Mounts a new drive and lists it once.</summary>
    /// <param name="store">The store.</param>
    /// <param name="name">The test's own prefix.</param>
    /// <param name="more">More words of the mount line.</param>
    public static async Task<S3Drive> MountedAsync(SwiftStore store, string name, params string[] more)
    {
        Places.SkipUnlessMountable();
        await store.StartAsync();
        var drive = new S3Drive(store, Rig.WithoutStore(store.Environment), name + "/", more);
        try
        {
            await drive.MountAsync();
            await drive.Rig.ListAsync();
            return drive;
        }
        catch
        {
            await drive.DisposeAsync();
            throw;
        }
    }

    /// <summary>The one mount line of this drive.</summary>
    public Task MountAsync() => Rig.MountAsync(
    [
        "mount", Rig.Drive, "--store", "s3", "--endpoint", _store.Url, "--region", _store.Region, "--bucket", SwiftStore.Bucket,
        "--prefix", Prefix, "--state", Rig.State, "--debounce", "0.1", .. _more,
    ]);

    /// <summary>What the bucket holds below the prefix, by the key below it.</summary>
    public async Task<SortedDictionary<string, byte[]>> ObjectsAsync()
    {
        var found = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        var request = new ListObjectsV2Request { BucketName = SwiftStore.Bucket, Prefix = Prefix };
        ListObjectsV2Response page;
        do
        {
            page = await _store.Client.ListObjectsV2Async(request);
            foreach (var item in page.S3Objects ?? []) found.Add(item.Key[Prefix.Length..], await ReadAsync(item.Key));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        return found;
    }

    /// <summary>Changes an object as another program would.</summary>
    public Task PutAsync(string key, string text) =>
        _store.Client.PutObjectAsync(new PutObjectRequest { BucketName = SwiftStore.Bucket, Key = Prefix + key, ContentBody = text, UseChunkEncoding = false });

    /// <summary>Ids of the uploads that are open below the prefix.</summary>
    public async Task<IReadOnlyList<string>> OpenUploadsAsync()
    {
        var page = await _store.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = SwiftStore.Bucket, Prefix = Prefix });
        return [.. (page.MultipartUploads ?? []).Select(upload => upload.UploadId)];
    }

    /// <summary>Number, checksum and time of the parts that have arrived; none when the upload is over.</summary>
    public async Task<IReadOnlyList<(int Number, string ETag, DateTime Time)>> PartsAsync(string key, string uploadId)
    {
        try
        {
            var page = await _store.Client.ListPartsAsync(new ListPartsRequest { BucketName = SwiftStore.Bucket, Key = Prefix + key, UploadId = uploadId });
            return [.. (page.Parts ?? []).Select(part => (part.PartNumber!.Value, part.ETag, part.LastModified!.Value))];
        }
        catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
        {
            return [];
        }
    }

    /// <summary>The bucket must hold a folder byte for byte, a link as its target, a folder as an empty object, nothing else, and
    /// have no upload open.</summary>
    public async Task ExpectAsync(string folder)
    {
        var found = await ObjectsAsync();
        found.Remove(""); // the drive's own folder
        var expected = new SortedDictionary<string, byte[]>(Walk(folder, "").ToDictionary(), StringComparer.Ordinal);
        Assert.Equal(expected.Keys, found.Keys);
        foreach (var (key, content) in expected) Assert.True(content.AsSpan().SequenceEqual(found[key]), $"{key} differs");
        Assert.Empty(await OpenUploadsAsync());
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Rig.DisposeAsync();

    private static IEnumerable<KeyValuePair<string, byte[]>> Walk(string folder, string below)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            var key = below + entry.Name;
            if (entry.LinkTarget is { } target)
            {
                yield return new(key, Encoding.UTF8.GetBytes(target));
            }
            else if (entry is DirectoryInfo)
            {
                yield return new(key + "/", []);
                foreach (var inner in Walk(entry.FullName, key + "/")) yield return inner;
            }
            else
            {
                yield return new(key, File.ReadAllBytes(entry.FullName));
            }
        }
    }

    private async Task<byte[]> ReadAsync(string key)
    {
        using var answer = await _store.Client.GetObjectAsync(SwiftStore.Bucket, key);
        using var content = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(content);
        return content.ToArray();
    }
}
