using SyncAgent.Fs.Core;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows;

/// <summary>Bytes of open files.</summary>
internal sealed partial class WindowsFileSystem
{
    /// <summary>Slot 8. Answered later when the bytes must come from the store.</summary>
    public unsafe int Read(nint number, byte* buffer, ulong offset, uint length, uint* done)
    {
        *done = 0;
        if (_open.Find(number) is not { } opened) return NtStatus.FileClosed;
        if (opened.Kind == NodeKind.Directory) return NtStatus.FileIsADirectory;
        if (offset > long.MaxValue || length > int.MaxValue) return NtStatus.InvalidParameter;
        if (opened.Handle is not { } handle) return ReadTarget(opened, new Span<byte>(buffer, (int)length), offset, done);
        var operation = Operation.Rent(options.Uid, options.Gid);
        var read = fileSystem.ReadAsync(operation.Context, handle, (long)offset, operation.Buffer.Over(buffer, (int)length));
        if (!read.IsCompleted)
        {
            var request = PendingRequest.OfThisThread(api, DriverSide);
            _pending.Begin(operation.Context);
            _ = FinishReadAsync(operation, read, request);
            return NtStatus.Pending;
        }

        var result = read.GetAwaiter().GetResult();
        operation.Return();

        // CLEANUP has taken another handle meanwhile.
        if (result.Error is { Kind: FsErrorKind.BadHandle } && opened.Handle is { } now && now != handle) return Read(number, buffer, offset, length, done);
        var status = ReadStatus(result, length);
        if (status == NtStatus.Success) *done = (uint)result.Value;
        return status;
    }

    /// <summary>Slot 9.</summary>
    /// <param name="number">Open file.</param>
    /// <param name="buffer">Bytes.</param>
    /// <param name="offset">Where; not used at the end of the file.</param>
    /// <param name="length">How many.</param>
    /// <param name="atEnd">Append.</param>
    /// <param name="isConstrained">Mapped pages: the file gets no longer, what is beyond its end is not written.</param>
    /// <param name="done">Bytes written.</param>
    /// <param name="info">Of the file as it is then.</param>
    public unsafe int Write(nint number, byte* buffer, ulong offset, uint length, bool atEnd, bool isConstrained, out uint done, out FspFileInfo info)
    {
        (done, info) = (0, default);
        if (_open.Find(number) is not { } opened) return NtStatus.FileClosed;
        if (opened.Kind != NodeKind.File) return NtStatus.AccessDenied;
        if (length > int.MaxValue || (!atEnd && offset > long.MaxValue)) return NtStatus.InvalidParameter;
        using var call = Begin();
        if (!opened.CanWrite)
        {
            if (!opened.IsCleanedUp && !isConstrained) return NtStatus.AccessDenied;
            if (WriteAgain(call.Operation, opened) is { } refused) return Fail(nameof(Write), refused);
        }

        if (atEnd || isConstrained)
        {
            var status = Describe(call.Operation, opened, out info);
            if (status != NtStatus.Success) return status;
            if (atEnd) offset = info.FileSize;
            if (isConstrained)
            {
                if (offset >= info.FileSize) return NtStatus.Success;
                length = (uint)Math.Min(length, info.FileSize - offset);
            }
        }

        var written = fileSystem.WriteAsync(
            call.Context, opened.Handle ?? default, (long)offset, call.Operation.Buffer.Over(buffer, (int)length), clearSetId: false);
        var result = _wait.For(call.Operation, written);
        if (result.Error is { } error) return Fail(nameof(Write), error);
        opened.HasWrittenSince = true;
        done = (uint)result.Value;
        return Describe(call.Operation, opened, out info);
    }

    /// <summary>Slot 10: until what was written survives a power cut; 0 is the whole drive. Waits for the local disk only.</summary>
    public int Flush(nint number, out FspFileInfo info)
    {
        info = default;
        using var call = Begin();
        var opened = _open.Find(number);
        if (opened is null && number != 0) return NtStatus.FileClosed;
        var flushed = BoundedWait.ForDisk(opened?.Handle is { } handle
            ? fileSystem.SyncAsync(call.Context, handle)
            : fileSystem.SyncDirectoryAsync(call.Context, opened?.Node ?? fileSystem.Root));
        if (flushed.Error is { } error) return Fail(nameof(Flush), error);
        return opened is null ? NtStatus.Success : Describe(call.Operation, opened, out info);
    }

    private static unsafe int ReadTarget(OpenContext opened, Span<byte> buffer, ulong offset, uint* done)
    {
        var target = opened.Target ?? [];
        if (offset >= (ulong)target.Length) return NtStatus.EndOfFile;
        var part = target.AsSpan((int)offset);
        part = part[..Math.Min(part.Length, buffer.Length)];
        part.CopyTo(buffer);
        *done = (uint)part.Length;
        return NtStatus.Success;
    }

    private int ReadStatus(in FsResult<int> result, uint length)
    {
        if (result.Error is { } error) return Fail(nameof(Read), error);
        return result.Value == 0 && length > 0 ? NtStatus.EndOfFile : NtStatus.Success;
    }

    private async Task FinishReadAsync(Operation operation, ValueTask<FsResult<int>> read, PendingRequest request)
    {
        var (status, done) = (NtStatus.UnexpectedIoError, 0u);
        try
        {
            var result = await read;
            status = ReadStatus(result, length: 1);
            if (status == NtStatus.Success) done = (uint)result.Value;
        }
        catch (Exception e)
        {
            status = Fault(nameof(Read), e);
        }
        finally
        {
            request.Answer(status, done);
            _pending.End(operation.Context);
        }
    }
}
