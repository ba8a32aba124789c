using SyncAgent.Journal;

namespace SyncAgent.Transfer;

/// <summary>A sealed generation: immutable, so that nothing can have changed but by a failing disk, which its checksum tells.</summary>
internal sealed class GenerationSource(ContentReader reader) : IPartSource
{
    public long Size => reader.Size;

    public int Read(long offset, Span<byte> buffer) => reader.Read(offset, buffer);

    public void ThrowIfChanged()
    {
    }
}
