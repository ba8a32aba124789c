using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Core.Tests;

namespace SyncAgent.Fs.Windows.Tests.Driver;

/// <summary>A drive as Windows would see it: driver, adapter, core and a real journal in a temporary folder.</summary>
internal sealed class DriveRig : IAsyncDisposable
{
    /// <summary>Patient: a busy machine is no slow store.</summary>
    public static readonly WindowsMountOptions Options = new()
    {
        Uid = 1000, Gid = 1000, OwnerSid = "S-1-5-21-1-2-3-1001", NamePatience = TimeSpan.FromSeconds(10),
    };

    private readonly FakeWinFsp _winFsp = new();

    public DriveRig(WindowsMountOptions? options = null, Func<IFileSystem, IFileSystem>? wrap = null, ILogger? logger = null, bool unlisted = false)
    {
        Mount = WindowsMount.Start(
            new WinFspDll("fake", FakeWinFsp.Api()), wrap?.Invoke(Core.Files) ?? Core.Files,
            options ?? Options, logger ?? NullLogger.Instance);
        Driver = new FakeDriver(_winFsp);
        if (!unlisted) Driver.Names("\\");
    }

    public TestDrive Core { get; } = new(new CoreOptions { Uid = 1000, Gid = 1000, StagingReserve = 0, ListingAge = TimeSpan.FromDays(1) });

    public WindowsMount Mount { get; }

    public FakeDriver Driver { get; }

    public FakeWinFsp WinFsp => _winFsp;

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Writes a file as an ordinary program does.</summary>
    public void Save(string path, string text)
    {
        var file = Driver.Must(path, Disposition.OverwriteIf);
        Assert.Equal(0, Driver.Write(file, 0, Text(text)));
        Driver.Close(file);
    }

    public string Load(string path)
    {
        var file = Driver.Must(path, Disposition.Open, FakeDriver.ReadOnly);
        var status = Driver.Read(file, 0, 100_000, out var bytes);
        Driver.Close(file);
        return status == Interop.NtStatus.EndOfFile ? "" : Encoding.UTF8.GetString(bytes);
    }

    public void MakeFolder(string path) => Driver.Close(Driver.Must(path, Disposition.Create, options: Interop.CreateOptions.DirectoryFile));

    /// <summary>What the bucket holds, by key below the drive's prefix, after all that is pending was sent.</summary>
    public async Task<SortedDictionary<string, string>> PublishAsync()
    {
        await Core.PublishAsync();
        return new SortedDictionary<string, string>(
            Core.Bucket.Keys().ToDictionary(key => key["p/".Length..], key => Encoding.UTF8.GetString(Core.Bucket.Bytes(key)!)), StringComparer.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await Mount.DisposeAsync();
        await Core.DisposeAsync();
        _winFsp.Dispose();
    }
}
