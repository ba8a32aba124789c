using System.Buffers;

namespace SyncAgent.Fs.Windows;

/// <summary>The driver's memory as <see cref="Memory{T}"/>, used again for one request after the other.</summary>
internal sealed unsafe class NativeBuffer : MemoryManager<byte>
{
    private byte* _address;
    private int _length;

    /// <summary>Points it somewhere else.</summary>
    public Memory<byte> Over(byte* address, int length)
    {
        _address = address;
        _length = length;
        return Memory;
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(_address, _length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(_address + elementIndex);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
