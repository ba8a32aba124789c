using System.Buffers;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

internal sealed partial class RemoteContent
{
    /// <summary>Readers may go on after so many bytes; fewer of the first ones, which a reader is surely waiting for.</summary>
    private const int Step = 64 * 1024;

    private const int FirstStep = 16 * 1024;

    /// <summary>A body that breaks is asked for again where it broke; so often in a row without a byte.</summary>
    private const int MostBreaks = 3;

    private RangeDownload StartNeedsLock(long start, long end, long ahead)
    {
        var download = new RangeDownload(start, end, ahead);
        _downloads.Add(download);
        _owner.Run(() => RunAsync(download));
        return download;
    }

    private async Task WaitAsync(RangeWaiter waiter, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    await waiter.Completion.Task.WaitAsync(_owner.Options.ReadTimeout, _owner.Time, cancellationToken);
                    return;
                }
                catch (TimeoutException)
                {
                    lock (_lock)
                    {
                        if (!waiter.TryNoteProgress()) throw TimedOut();
                    }
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or StoreException && !waiter.Completion.Task.IsCompleted)
        {
            GiveUp(waiter);
            throw;
        }
    }

    private void GiveUp(RangeWaiter waiter)
    {
        var download = waiter.Download;
        lock (_lock)
        {
            download.Leave(waiter);
            if (download.HasWaiters || !_downloads.Remove(download)) return;
            download.Stop();
        }

        download.Cancel();
    }

    private async Task RunAsync(RangeDownload download)
    {
        Exception? failure = null;
        try
        {
            await _owner.Budget.EnterAsync(download.Cancellation);
            try
            {
                await TransferAsync(download);
            }
            finally
            {
                _owner.Budget.Leave();
            }
        }
        catch (OperationCanceledException) when (download.Stopped)
        {
            // nobody wants it
        }
        catch (Exception e)
        {
            failure = e;
        }

        _owner.Budget.GiveBackAhead(download.Ahead);
        lock (_lock)
        {
            _downloads.Remove(download);
            if (failure is IOException) _notKeptBefore = _owner.NowMilliseconds() + RemoteContents.PauseAfterFailure;
            if (failure is not null) _noReadAheadBefore = _owner.NowMilliseconds() + RemoteContents.PauseAfterFailure;
            download.ReleaseWaiters(failure);
        }

        if (failure is not null) _owner.Failed(failure);
    }

    private async Task TransferAsync(RangeDownload download)
    {
        for (var breaks = 0; ; breaks++)
        {
            var begun = download.Position;
            using var body = await GetAsync(begun, download.End - begun, download.Cancellation);
            try
            {
                await TakeAsync(download, body.Content);
                return;
            }
            catch (StoreException e) when (e.IsTransient && breaks < MostBreaks)
            {
                // The store repeats its requests by rules of its own; a body that broke is for us.
                if (download.Position > begun) breaks = 0;
            }
        }
    }

    private async Task TakeAsync(RangeDownload download, Stream body)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(2 * Step);
        try
        {
            for (var least = FirstStep; download.Position < download.End; least = Step)
            {
                var wanted = (int)Math.Min(buffer.Length, download.End - download.Position);
                least = Math.Min(least, wanted);
                var read = await body.ReadAtLeastAsync(buffer.AsMemory(0, wanted), least, throwOnEndOfStream: false, download.Cancellation);
                if (read < least) throw CutShort(null);
                Keep(download, buffer.AsSpan(0, read));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Keep(RangeDownload download, ReadOnlySpan<byte> bytes)
    {
        var position = download.Position;
        if (!_owner.TryTakeRoom(bytes.Length)) throw new IOException("the disk is full: nothing more is kept in the read cache");
        _file.Write(position, bytes);
        lock (_lock)
        {
            download.ThrowIfStopped(); // another download may be at the same bytes: they count there
            _held.Add(position, position + bytes.Length);
            _heldBytes += bytes.Length;
            _changed = true;
            _used = _owner.NowMilliseconds();
            download.Advance(position + bytes.Length);
        }

        _owner.Added(bytes.Length);
    }

    /// <summary>Asks for a range of this version. A store that does not know If-Match must not mix versions either: what it says that it
    /// sends is compared.</summary>
    private async Task<ObjectBody> GetAsync(long offset, long length, CancellationToken cancellationToken)
    {
        var body = await _owner.Reader.GetAsync(Key, new ByteRange(offset, length), ETag, cancellationToken);
        if (body.Info.ETag == ETag && body.Info.Size == Size) return body;
        body.Dispose();
        throw new StoreException(StoreErrorKind.PreconditionFailed, $"{Key} is another version by now");
    }

    private StoreException TimedOut() =>
        new(StoreErrorKind.Timeout, $"no byte of {Key} came for {_owner.Options.ReadTimeout.TotalSeconds:0} s");

    private StoreException CutShort(Exception? e) => new(StoreErrorKind.Network, $"the body of {Key} was cut short", e);
}
