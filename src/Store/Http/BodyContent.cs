using System.Buffers;
using System.Net;

namespace SyncAgent.Store;

/// <summary>
/// Streams an <see cref="ObjectContent"/> into a request and takes its checksum on the way. The last bytes are held back
/// until all of them have proved to be what was announced: a request that ends early is discarded by the server, so
/// bytes that changed on disk never become an object.
/// </summary>
internal sealed class BodyContent(ObjectContent source, StallGuard guard, ConnectionOptions options, string operation) : HttpContent
{
    private const int BufferSize = 128 * 1024;

    /// <summary>CRC-64 of the bytes sent so far.</summary>
    public ulong SentCrc64 { get; private set; }

    /// <summary>Whether every byte has been handed to the connection, so that the server may have acted on it.</summary>
    public bool IsSent { get; private set; }

    /// <summary>Why the local bytes could not be sent, or null. The HTTP stack would report it as a broken connection.</summary>
    public StoreException? SourceFailure { get; private set; }

    protected override bool TryComputeLength(out long length)
    {
        length = source.Length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // A proxy that asks for its password has the handler send everything once more.
        SentCrc64 = 0;
        IsSent = false;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(source.Length, 1, BufferSize));
        try
        {
            await using var bytes = Open();
            for (var left = source.Length; ;)
            {
                guard.Pause();
                var count = await FillAsync(bytes, buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), cancellationToken);
                SentCrc64 = Crc64.Append(SentCrc64, buffer.AsSpan(0, count));
                left -= count;
                if (left == 0) await CheckEndAsync(bytes, buffer.AsMemory(count), cancellationToken);

                guard.Arm(options.StallTimeout);
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                if (left == 0) break;
            }

            guard.Arm(options.AnswerTimeout(operation, source.Length));
            IsSent = true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Stream Open()
    {
        try
        {
            return source.OpenRead();
        }
        catch (Exception e) when (IsLocal(e))
        {
            throw Fail($"The local bytes cannot be opened: {e.Message}", e);
        }
    }

    private async ValueTask<int> FillAsync(Stream bytes, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            // What is there is sent: a source that is held back gives little at a time, and the server must see it move.
            var count = await bytes.ReadAsync(buffer, cancellationToken);
            if (count > 0 || buffer.IsEmpty) return count;
        }
        catch (Exception e) when (IsLocal(e))
        {
            throw Fail($"The local bytes cannot be read: {e.Message}", e);
        }

        throw Fail($"The local bytes end before the {source.Length} that were announced.");
    }

    private async ValueTask CheckEndAsync(Stream bytes, Memory<byte> spare, CancellationToken cancellationToken)
    {
        var probe = spare.IsEmpty ? new byte[1] : spare[..1];
        int extra;
        try
        {
            extra = await bytes.ReadAsync(probe, cancellationToken);
        }
        catch (Exception e) when (IsLocal(e))
        {
            throw Fail($"The local bytes cannot be read: {e.Message}", e);
        }

        if (extra > 0) throw Fail($"There are more local bytes than the {source.Length} that were announced.");
        if (source.Crc64 is { } announced && announced != SentCrc64)
            throw Fail($"The local bytes have CRC-64 {SentCrc64:x16}, not {announced:x16} as announced.");
    }

    private static bool IsLocal(Exception e) => e is IOException or UnauthorizedAccessException or ObjectDisposedException;

    private StoreException Fail(string message, Exception? inner = null) =>
        SourceFailure = new StoreException(StoreErrorKind.SourceChanged, message, inner);
}
