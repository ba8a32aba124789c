namespace SyncAgent.Store.Tests;

/// <summary>Zeros without end.</summary>
internal class EndlessStream : MemoryStream
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        buffer.Span.Clear();
        return new(buffer.Length);
    }
}

/// <summary>A disk that breaks after some bytes.</summary>
internal sealed class FailingStream(int good) : EndlessStream
{
    private int _left = good;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0) throw new IOException("Input/output error");
        var count = Math.Min(_left, buffer.Length);
        _left -= count;
        return base.ReadAsync(buffer[..count], cancellationToken);
    }
}
