using System.Buffers;
using System.Xml;
using System.Xml.Linq;

namespace SyncAgent.DevStore;

/// <summary>The bytes that a client sends, with the faults that a test has ordered for them.</summary>
internal sealed class RequestBody(Stream stream, long? contentLength, CancellationToken aborted)
{
    /// <summary>Largest XML document accepted: 10,000 parts or 1,000 long keys fit well.</summary>
    private const int MaxXmlBytes = 8 << 20;

    private const int BufferBytes = 128 << 10;

    public static RequestBody Empty { get; } = new(Stream.Null, 0, CancellationToken.None);

    /// <summary>Null when the client sends chunks.</summary>
    public long? ContentLength { get; } = contentLength;

    public long BytesRead { get; private set; }

    public RequestFaults Faults { get; set; } = RequestFaults.None;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        Memory<byte> allowed = buffer[..(int)Math.Min(buffer.Length, Faults.AllowedBeforeReset(BytesRead))];
        int read = await stream.ReadAsync(allowed, aborted);
        Faults.Corrupt(BytesRead, allowed.Span[..read]);
        BytesRead += read;
        await Faults.ThrottleAsync(read, aborted);
        return read;
    }

    /// <summary>Streams the whole body into a new blob.</summary>
    /// <param name="limit">Largest size in bytes; more is EntityTooLarge.</param>
    /// <param name="contentMd5">What the client said; null for nothing.</param>
    public async Task<BlobContent> StoreAsync(BlobWriter writer, long limit, string? contentMd5)
    {
        if (ContentLength > limit) throw OssErrors.EntityTooLarge(ContentLength.Value, limit);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int filled = 0;
            int read;
            do
            {
                read = await ReadAsync(buffer.AsMemory(filled));
                filled += read;
                if (BytesRead > limit) throw OssErrors.EntityTooLarge(BytesRead, limit);
                if (filled < buffer.Length && read > 0) continue;
                writer.Append(buffer.AsSpan(0, filled));
                filled = 0;
            }
            while (read > 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        BlobContent content = await writer.FinishAsync();
        if (contentMd5 is not null && contentMd5 != Convert.ToBase64String(content.Md5)) throw OssErrors.InvalidDigest();
        return content;
    }

    public async Task<byte[]> ReadAllAsync()
    {
        using var whole = new MemoryStream();
        var buffer = new byte[16 << 10];
        int read;
        while ((read = await ReadAsync(buffer)) > 0)
        {
            whole.Write(buffer, 0, read);
            if (whole.Length > MaxXmlBytes) throw OssErrors.EntityTooLarge(whole.Length, MaxXmlBytes);
        }

        return whole.ToArray();
    }

    public async Task DiscardAsync()
    {
        var buffer = new byte[BufferBytes];
        while (await ReadAsync(buffer) > 0)
        {
        }
    }

    public static XElement ParseXml(byte[] document)
    {
        var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, CheckCharacters = false };
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(document), settings);
            return XElement.Load(reader, LoadOptions.PreserveWhitespace);
        }
        catch (XmlException e)
        {
            throw OssErrors.MalformedXml(e.Message);
        }
    }
}
