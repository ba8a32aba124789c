using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Fs.Linux.Session;
using SyncAgent.Fs.Linux.Tests.Doubles;

namespace SyncAgent.Fs.Linux.Tests.Mounting;

/// <summary>A real mount of a <see cref="MemoryFileSystem"/>.</summary>
internal sealed class Drive : IAsyncDisposable
{
    public const string Subtype = "syncagent-test";

    private readonly TemporaryDirectory _directory;

    private Drive(TemporaryDirectory directory, MemoryFileSystem fileSystem, FuseSession session)
    {
        _directory = directory;
        FileSystem = fileSystem;
        Session = session;
    }

    public MemoryFileSystem FileSystem { get; }

    public FuseSession Session { get; }

    public string Path => _directory.Path;

    /// <summary>Mounts, or skips the test by name where nothing can be mounted.</summary>
    public static Drive Mount(FuseMountOptions? options = null)
    {
        SkipUnlessRoot();
        var directory = new TemporaryDirectory();
        var fileSystem = new MemoryFileSystem();
        return new Drive(
            directory,
            fileSystem,
            FuseSession.Mount(directory.Path, fileSystem, (options ?? new()) with { Subtype = Subtype }, NullLogger.Instance));
    }

    public static void SkipUnlessRoot() => Assert.SkipUnless(
        Mounters.MayMount(File.ReadLines("/proc/self/status")) && File.Exists("/dev/fuse"),
        "mounting in a test needs CAP_SYS_ADMIN and /dev/fuse");

    public async ValueTask DisposeAsync()
    {
        FileSystem.Thaw();
        await Session.DisposeAsync();
        _directory.Dispose();
    }
}

/// <summary>An empty directory that goes away, also from under forgotten mounts.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fuse-test-").FullName;

    public void Dispose()
    {
        while (LinuxMounts.TryFind(Path, out _)) new SystemMounter().Unmount(Path, lazy: true);
        Directory.Delete(Path, recursive: true);
    }
}
