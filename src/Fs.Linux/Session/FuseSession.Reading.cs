using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux;

/// <summary>The threads that read requests. A call that completes at once is answered on them; one that does not keeps its
/// request object, and the thread goes on with another.</summary>
public sealed partial class FuseSession
{
    private void StartReaders(int count)
    {
        for (var i = 0; i < count; i++) new Thread(Read, ThreadStack) { IsBackground = true, Name = $"fuse-{i}" }.Start();
    }

    private void Read()
    {
        try
        {
            ReadUntilUnmounted();
        }
        catch (Exception e)
        {
            LogReaderFailed(e);
            _failure = new FuseException(FuseFailure.Other, $"A reader thread failed: {e.Message}", "", e);
        }

        if (Interlocked.Decrement(ref _readers) == 0) _ = EndAsync();
    }

    private void ReadUntilUnmounted()
    {
        var request = _requests.Rent();
        while (true)
        {
            var error = _device.Receive(request.Buffer, out var length);
            switch (error)
            {
                case Errno.None:
                    break;
                case Errno.EINTR or Errno.EAGAIN or Errno.ENOENT: // ENOENT: the request was withdrawn while it was copied
                    continue;
                case Errno.ENODEV or Errno.ECONNABORTED: // unmounted, or aborted
                    _requests.Return(request);
                    return;
                default:
                    throw new FuseException(FuseFailure.Other, $"Reading from /dev/fuse failed: {error}.", "");
            }

            if (!TryBegin(request, length)) continue;
            var work = _adapter.HandleAsync(request);
            if (work.IsCompleted) continue;
            _ = ReturnAfterAsync(work, request);
            request = _requests.Rent();
        }
    }

    private bool TryBegin(FuseRequest request, int length)
    {
        try
        {
            request.Begin(length);
            return true;
        }
        catch (FuseProtocolException e)
        {
            LogNotARequest(e);
            return false;
        }
    }

    private async Task ReturnAfterAsync(ValueTask work, FuseRequest request)
    {
        await work; // never throws
        _requests.Return(request);
    }

    private async Task EndAsync()
    {
        try
        {
            await _adapter.CloseAsync();
            _notifier.Dispose();
            _device.Dispose();
        }
        catch (Exception e)
        {
            LogReaderFailed(e);
            _failure ??= new FuseException(FuseFailure.Other, $"The end of the session failed: {e.Message}", "", e);
        }

        LogEnded(MountPoint);
        if (_failure is null) _completion.SetResult();
        else _completion.SetException(_failure);
    }
}
