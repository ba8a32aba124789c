using System.Security.Cryptography;
using SyncAgent.DevStore;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Power;

/// <summary>Takes the images of a recording one after the other: builds, mounts, recovers, judges.</summary>
internal sealed class ImageRunner : IDisposable
{
    private readonly TortureContext _context;
    private readonly Recording _recording;
    private readonly BlockLog _log;
    private readonly CrashImages _images;
    private readonly SparseImage _image;
    private readonly string _disk;
    private readonly Random _chance;
    private readonly Dictionary<string, string> _hashes = [];

    /// <summary>Begins.</summary>
    public ImageRunner(TortureContext context, Recording recording, Random chance)
    {
        _context = context;
        _recording = recording;
        _chance = chance;
        _log = BlockLog.Open(recording.LogPath, recording.Length);
        _images = new CrashImages(_log, recording.StartImage);
        _image = SparseImage.Open(Path.Combine(recording.Folder, "crash.img"));
        _disk = Directory.CreateDirectory(Path.Combine(recording.Folder, "crash")).FullName;
    }

    /// <summary>The log.</summary>
    public BlockLog Log => _log;

    /// <summary>Checks one image.</summary>
    /// <param name="moment">Which; not before the last one.</param>
    /// <param name="real">Whether the real program recovers it.</param>
    public async Task<IReadOnlyList<Finding>> CheckAsync(CrashMoment moment, bool real)
    {
        var seed = _chance.Next();
        return await OnImageAsync(moment, seed, real, async server =>
        {
            var before = ReadBucket(server);
            var recovered = real
                ? await RealRecovery.RunAsync(_context, State, _recording.Drive, server.Endpoint)
                : await CoreRecovery.RunAsync(State, server.Endpoint);
            var findings = new ImageCheck(_recording.Histories, moment, before, ReadBucket(server), recovered).Run();
            if (!real) findings = [.. findings, .. UploadsLeft(server, recovered)];
            return findings;
        });
    }

    /// <summary>Leaves the state folder and the bucket of an image, as they were before recovery, for somebody to look at.</summary>
    public async Task KeepAsync(CrashMoment moment, string folder)
    {
        await OnImageAsync(moment, 0, false, _ =>
        {
            Copy(State, Path.Combine(folder, "state"));
            Copy(StoreFolder, Path.Combine(folder, "store"));
            return Task.FromResult<IReadOnlyList<Finding>>([]);
        });
        foreach (var history in _recording.Histories)
        {
            await File.WriteAllLinesAsync(
                Path.Combine(folder, history.Folder + ".txt"), history.Steps.Select((step, index) => $"{index} {step.Begun} {step.What}: {string.Join(' ', step.After.Select(pair => pair.Key + (pair.Value.IsOpen ? "*" : "")))}"));
        }
    }

    /// <summary>Whether replaying the whole log gives what the device held: where it differs, or null.</summary>
    public long? DifferenceAtEnd()
    {
        using var log = BlockLog.Open(_recording.LogPath, long.MaxValue);
        using var all = new CrashImages(log, _recording.StartImage);
        return all.DifferenceAtEnd(_recording.Image);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _image.Dispose();
        _images.Dispose();
        _log.Dispose();
    }

    private string State => Path.Combine(_disk, Recording.StateName);

    private string StoreFolder => Path.Combine(_recording.Folder, "crash-store");

    private async Task<IReadOnlyList<Finding>> OnImageAsync(
        CrashMoment moment, int seed, bool samePort, Func<DevStoreServer, Task<IReadOnlyList<Finding>>> look)
    {
        _images.Make(moment, _image);
        try
        {
            using var device = LoopDevice.Attach(_image.Path);
            Kernel.MountExt4(device.Path, _disk, barriers: false);
            try
            {
                await using var server = await _recording.Bucket.RestoreAsync(moment, new Random(seed), StoreFolder, samePort ? _recording.Bucket.Server.Endpoint.Port : 0);
                return await look(server);
            }
            finally
            {
                Kernel.Unmount(_disk);
            }
        }
        finally
        {
            if (Directory.Exists(StoreFolder)) Directory.Delete(StoreFolder, recursive: true);
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) == "lock") continue; // the server has it
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static IEnumerable<Finding> UploadsLeft(DevStoreServer server, Recovered recovered) =>
        from upload in server.OpenUploads(BucketHistory.Bucket)
        where !recovered.KnownUploads.Contains(upload.UploadId) && !recovered.DoubtfulKeys.Contains(upload.Key)
        select new Finding(Fault.Wrong, $"an upload of {upload.Key} is left in the bucket that the journal does not know");

    private List<SeenObject> ReadBucket(DevStoreServer server)
    {
        var objects = new List<SeenObject>();
        foreach (var key in server.ListKeys(BucketHistory.Bucket))
        {
            using var found = server.ReadObject(BucketHistory.Bucket, key)!;
            var what = $"{found.ETag} {found.Size} {found.Crc64}";
            if (!_hashes.TryGetValue(what, out var hash)) _hashes[what] = hash = Convert.ToHexStringLower(SHA256.HashData(found.ReadToEnd()));
            objects.Add(new SeenObject(key, hash));
        }

        return objects;
    }
}
