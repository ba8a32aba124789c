using System.Net;
using System.Xml;

namespace SyncAgent.Store;

/// <summary>A successful answer whose body has not been read yet. Dispose to give the connection back.</summary>
internal sealed class OssReply(OssRequest request, HttpResponseMessage response, StallGuard guard, TimeSpan stallTimeout, ulong sentCrc64)
    : IDisposable
{
    public HttpResponseMessage Response { get; } = response;

    /// <summary>CRC-64 of the request's body.</summary>
    public ulong SentCrc64 { get; } = sentCrc64;

    /// <summary>The store's own statement about the object or part, or null.</summary>
    public ulong? Crc64 => OssHeaders.ReadCrc64(Response);

    public string? RequestId => HeaderValues.First(Response.Headers, OssHeaders.RequestId);

    public string? VersionId => HeaderValues.First(Response.Headers, OssHeaders.VersionId);

    /// <summary>The ETag header. An answer without one is not OSS's (a hotel's sign-in page, say).</summary>
    public string RequireETag() => OssHeaders.ReadETag(Response) ?? throw Unreadable("it has no ETag", null);

    /// <summary>The body, with its length checked and, when given, its checksum.</summary>
    public async Task<Stream> OpenBodyAsync(ulong? crc64) => new ResponseStream(
        await Response.Content.ReadAsStreamAsync(guard.Token), guard, stallTimeout, request.Operation,
        Response.Content.Headers.ContentLength, crc64, request.ChangesState);

    /// <summary>Reads an XML answer. OSS may answer 200 and still report an error in the body of a long call.</summary>
    public async Task<T> ReadXmlAsync<T>(string root, Func<XmlReader, T> read)
    {
        var document = await ReadAllAsync(OssXml.MaxBytes);
        try
        {
            return OssXml.Parse(document, root, read);
        }
        catch (Exception e) when (e is XmlException or FormatException or OverflowException or InvalidOperationException)
        {
            if (OssXml.TryParseError(document) is { } error)
                throw OssErrors.From(request.Operation, HttpStatusCode.OK, Response.Headers, error, request.ChangesState);
            throw Unreadable(e.Message, e);
        }
    }

    /// <summary>Reads the whole body, at most <paramref name="most"/> bytes.</summary>
    public async Task<byte[]> ReadAllAsync(int most)
    {
        await using var body = await OpenBodyAsync(crc64: null);
        using var all = new MemoryStream((int)Math.Clamp(Response.Content.Headers.ContentLength ?? 0, 0, most));
        var buffer = new byte[16 * 1024];
        for (int count; (count = await body.ReadAsync(buffer, guard.Caller)) > 0;)
        {
            if (all.Length + count > most) throw Unreadable($"it is longer than {most} bytes", null);
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }

    /// <summary>Reads at most <paramref name="most"/> bytes of a body that the outcome does not hang on; what got lost is left out.</summary>
    public async Task<byte[]> ReadBeginningAsync(int most)
    {
        var beginning = new byte[most];
        var length = 0;
        try
        {
            await using var body = await OpenBodyAsync(crc64: null);
            for (int count; length < most && (count = await body.ReadAsync(beginning.AsMemory(length), guard.Caller)) > 0;) length += count;
        }
        catch (StoreException)
        {
            // The status and the headers have told what matters.
        }

        return beginning[..length];
    }

    public void Dispose()
    {
        Response.Dispose();
        guard.Dispose();
    }

    public StoreException Unreadable(string why, Exception? inner) =>
        new(StoreErrorKind.Network, $"{request.Operation}: the answer cannot be used: {why}.", inner)
        {
            HttpStatus = (int)Response.StatusCode,
            RequestId = RequestId,
            MayHaveSucceeded = request.ChangesState,
        };
}
