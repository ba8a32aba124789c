using SyncAgent.Store;

namespace SyncAgent.Fs.Core.Tests;

/// <summary>A body of which only the first bytes come, until more are let through; or that breaks there.</summary>
internal sealed class GatedStream(Stream inner, long open, Action? onDispose = null) : Stream
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _opened = New();
    private long _open = open;
    private long _read;

    /// <summary>Break instead of waiting.</summary>
    public bool BreaksAtGate { get; init; }

    /// <summary>Whether somebody waits at the gate.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>Whether whoever waited gave up.</summary>
    public bool IsCancelled { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position { get => _read; set => throw new NotSupportedException(); }

    /// <summary>Lets so many bytes more through.</summary>
    public void Open(long bytes)
    {
        lock (_lock)
        {
            _open += bytes;
            IsAsked = false;
            _opened.SetResult();
            _opened = New();
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task opened;
            lock (_lock)
            {
                var allowed = (int)Math.Min(buffer.Length, _open - _read);
                if (allowed > 0)
                {
                    var count = inner.Read(buffer.Span[..allowed]);
                    _read += count;
                    return count;
                }

                if (BreaksAtGate) throw new StoreException(StoreErrorKind.Network, "the connection broke");
                opened = _opened.Task;
                IsAsked = true;
            }

            try
            {
                await opened.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                IsCancelled = true;
                throw;
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            onDispose?.Invoke();
        }

        base.Dispose(disposing);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
