using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>A range of a sealed generation as a request body. Each attempt counts its own bytes; a repeated one gives the former's
/// back first.</summary>
internal sealed class GenerationContent(ContentReader reader, long offset, long length, ProgressCounter progress) : ObjectContent
{
    private long _counted;

    public override long Length => length;

    /// <summary>Whether all bytes were handed over: from then on the store may already have acted.</summary>
    public bool IsSent => Volatile.Read(ref _counted) == length;

    public override Stream OpenRead()
    {
        TakeBack();
        return new RangeStream(reader, offset, length, Count);
    }

    /// <summary>The bytes did not arrive.</summary>
    public void TakeBack() => progress.Add(-Interlocked.Exchange(ref _counted, 0));

    private void Count(int bytes)
    {
        Interlocked.Add(ref _counted, bytes);
        progress.Add(bytes);
    }
}
