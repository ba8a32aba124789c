using Microsoft.Extensions.Logging;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows;

/// <summary>
/// Translates WinFsp's requests into calls of <see cref="IFileSystem"/>, and back. It decides nothing and keeps nothing but what the
/// driver was given: what is open, and enumerations under way. Split by what is asked for: opening, files, attributes, names and directories.
/// <para><em>Closed</em> is CLEANUP: the program's handle is gone, what it has written is committed, and the last writer's is published.
/// <em>Released</em> is CLOSE, which may come much later, when nothing is mapped any more.</para>
/// </summary>
/// <param name="fileSystem">Answers.</param>
/// <param name="api">The driver's side.</param>
/// <param name="options">How the drive looks.</param>
/// <param name="security">Security descriptor of everything.</param>
/// <param name="logger">Takes faults.</param>
internal sealed partial class WindowsFileSystem(
    IFileSystem fileSystem, FspApi api, WindowsMountOptions options, byte[] security, ILogger logger)
{
    private readonly OpenContexts _open = new();
    private readonly PendingCalls _pending = new();
    private readonly BoundedWait _wait = new(options.NamePatience, Math.Max(1, options.EffectiveThreads / 2), options.Time);

    /// <summary>How many handles programs hold.</summary>
    public int OpenCount => _open.Count;

    /// <summary>The driver's side of this drive; set before the first call comes.</summary>
    public unsafe FspFileSystem* DriverSide { get; set; }

    /// <summary>Told when the dispatcher has stopped; true when all was well.</summary>
    public Action<bool> Stopped { get; set; } = static _ => { };

    /// <summary>No callback runs any more: ends the calls that are answered later.</summary>
    public Task CloseAsync() => _pending.CloseAsync();

    /// <summary>The driver cannot close any more what it has open.</summary>
    public void AbandonAll()
    {
        foreach (var opened in _open.TakeAll())
        {
            if (opened.Handle is { } handle) fileSystem.Abandoned(handle);
        }
    }

    /// <summary>Slot 0.</summary>
    public unsafe int GetVolumeInfo(VolumeInfo* volume)
    {
        using var call = Begin();
        var space = _wait.For(call.Operation, fileSystem.GetStatisticsAsync(call.Context));
        if (space.Error is { } error) return Fail(nameof(GetVolumeInfo), error);
        *volume = new VolumeInfo
        {
            TotalSize = (ulong)space.Value.TotalBytes,
            FreeSize = (ulong)space.Value.FreeBytes,
            LabelLength = (ushort)(options.VolumeLabel.Length * sizeof(char)),
        };
        options.VolumeLabel.CopyTo(new Span<char>(volume->Label, VolumeInfo.MaxLabel));
        return NtStatus.Success;
    }

    /// <summary>A callback threw: the driver must get an answer, and no exception may reach its frames.</summary>
    public int Fault(string call, Exception e)
    {
        LogFault(call, e);
        return NtStatus.UnexpectedIoError;
    }

    private int Fail(string call, FsError error)
    {
        if (error.Kind == FsErrorKind.Io) LogInputOutputError(call, error.Message, error.Cause);
        return NtStatusMap.Of(error.Kind);
    }

    private Call Begin(bool mayWait = true) => new(Operation.Rent(options.Uid, options.Gid, mayWait));

    /// <summary>An <see cref="Windows.Operation"/> for the time of one callback.</summary>
    private readonly ref struct Call(Operation operation)
    {
        public Operation Operation { get; } = operation;

        public OpContext Context => Operation.Context;

        public void Dispose() => Operation.Return();
    }
}
