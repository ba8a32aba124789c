using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>A range of local bytes as a request body. Each attempt counts its own bytes; a repeated one gives the former's back first.</summary>
internal sealed class SourceContent(IPartSource source, long offset, long length, TransferMonitor monitor) : ObjectContent
{
    private long _counted;

    public override long Length => length;

    /// <summary>Whether all bytes were handed over: from then on the store may already have acted.</summary>
    public bool IsSent => Volatile.Read(ref _counted) == length;

    public override Stream OpenRead()
    {
        TakeBack();
        return new RangeStream(source, offset, length, Count);
    }

    /// <summary>The bytes did not arrive.</summary>
    public void TakeBack() => monitor.TakeBack(Interlocked.Exchange(ref _counted, 0));

    private void Count(int bytes)
    {
        Interlocked.Add(ref _counted, bytes);
        monitor.Add(bytes);
    }
}
