using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Configuration;
using SyncAgent.Store;

namespace SyncAgent.Agent.Hosting;

/// <summary>
/// Begins a new log file when the one behind standard error is full, by turning all descriptors of the old one to the new one: standard output
/// and error, to which the runtime writes its last words, and the copies of them that it keeps for the console. What is written between two
/// looks comes on top of the size.
/// </summary>
internal sealed partial class LogRotation : IDisposable
{
    /// <summary>Time between two looks at the size.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const int StandardError = 2;
    private const string Descriptors = "/proc/self/fd";

    private readonly string _path;
    private readonly long _size;
    private readonly int _files;
    private readonly int _descriptor;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private bool _failed;

    /// <summary>Begins to look after a file.</summary>
    /// <param name="path">The log.</param>
    /// <param name="settings">How large it may get, and how many are kept.</param>
    /// <param name="descriptor">One of the open descriptors through which it is written.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Told when no new file can be begun.</param>
    public LogRotation(string path, LogSettings settings, int descriptor, TimeProvider time, ILogger logger)
    {
        (_path, _descriptor, _logger) = (path, descriptor, logger);
        (_size, _files) = (settings.FileSize ?? LogSettings.DefaultFileSize, settings.Files ?? LogSettings.DefaultFiles);
        _timer = time.CreateTimer(_ => Look(), null, Interval, Interval);
    }

    /// <summary>Looks after the log of a detached agent; null where standard error is something else: a terminal, or systemd's journal.</summary>
    public static LogRotation? TryStart(string state, LogSettings settings, TimeProvider time, ILogger logger)
    {
        var path = Path.Combine(state, LogFiles.Name);
        return OperatingSystem.IsLinux() && IsBehind(StandardError, path) ? new LogRotation(path, settings, StandardError, time, logger) : null;
    }

    /// <summary>Whether a descriptor is that of a file, by whatever path it was opened.</summary>
    [SupportedOSPlatform("linux")]
    internal static bool IsBehind(int descriptor, string path) =>
        File.Exists(path) && LinuxFileStatus.Read(At(descriptor)) is { IsRegular: true } open
        && open.Inode == LinuxFileStatus.Read(path).Inode;

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        try
        {
            var file = new FileInfo(_path);
            // One that somebody took away is begun anew.
            if (file.Exists && file.Length <= _size) return;
            Begin(file.Exists);
            _failed = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_failed) LogStuck(e, _path);
            _failed = true;
        }
    }

    // The new file first: when there is no room for one, all stays as it was.
    private void Begin(bool shift)
    {
        var next = _path + ".new";
        var descriptor = Check(NativeMethods.OpenToAppend(next));
        try
        {
            var old = FindDescriptors();
            if (shift) LogFiles.Shift(_path, _files);
            File.Move(next, _path, overwrite: true);
            foreach (var writing in old) Check(NativeMethods.TurnDescriptor(descriptor, writing));
        }
        finally
        {
            _ = NativeMethods.CloseDescriptor(descriptor);
        }
    }

    // Those of the same open file have the same name, also when it is gone.
    private List<int> FindDescriptors()
    {
        var name = NameOf(_descriptor);
        return [.. Directory.EnumerateFileSystemEntries(Descriptors).Select(entry => int.Parse(Path.GetFileName(entry), CultureInfo.InvariantCulture)).Where(open => name is not null && NameOf(open) == name)];
    }

    private static string? NameOf(int descriptor)
    {
        try
        {
            return new FileInfo(At(descriptor)).LinkTarget;
        }
        catch (IOException)
        {
            return null; // closed since
        }
    }

    private static string At(int descriptor) => string.Create(CultureInfo.InvariantCulture, $"{Descriptors}/{descriptor}");

    private static int Check(int result) => result >= 0 ? result : throw new IOException(Marshal.GetLastPInvokeErrorMessage());

    [LoggerMessage(5111, LogLevel.Warning, "{Path} is full and no new log file can be begun; it grows")]
    private partial void LogStuck(Exception error, string path);
}
