using System.Net;

namespace SyncAgent.Store;

public sealed partial class OssObjectStore
{
    /// <summary>
    /// Reads the answer to a put or a complete that asked for a callback. Its body is not OSS's: with 200 it is what the application
    /// answered, with 203 ("stored, but not notified") why it was not. So ETag and checksum come from the headers, and where those
    /// lack them from a HEAD: the bytes must never be sent again, nor the application called again, for a callback's sake.
    /// </summary>
    private async Task<StoredObject> AfterCallbackAsync(OssRequest call, OssReply reply, CancellationToken cancellationToken)
    {
        var body = await reply.ReadBeginningAsync(OssCallback.MaxAnswer);
        var failed = reply.Response.StatusCode is HttpStatusCode.NonAuthoritativeInformation;
        // A long call may have sent its 200 before it knew better.
        if (!failed && OssXml.TryParseError(body) is { } error)
            throw OssErrors.From(call.Operation, HttpStatusCode.OK, reply.Response.Headers, error, call.ChangesState);

        var (etag, crc, version) = (OssHeaders.ReadETag(reply.Response), reply.Crc64, reply.VersionId);
        if (etag is null || crc is null)
        {
            var found = await LookAsync(call, reply, mustFind: etag is null, cancellationToken);
            // Another writer may have been here since.
            if (found is not null && (etag is null || etag == found.ETag))
                (etag, crc, version) = (found.ETag, crc ?? found.Crc64, version ?? found.VersionId);
        }

        // The body of a complete is a list of parts.
        if (call.Method == HttpMethod.Put) crc = CheckSent(call, reply, crc);
        return new StoredObject(etag!, crc, Note(version), reply.RequestId) { Callback = OssCallback.Read(failed, body, reply.RequestId) };
    }

    private async Task<ObjectInfo?> LookAsync(OssRequest call, OssReply reply, bool mustFind, CancellationToken cancellationToken)
    {
        try
        {
            if (await HeadAsync(call.Key!, cancellationToken) is { } found) return found;
        }
        catch (StoreException e)
        {
            if (mustFind) throw reply.Unreadable($"it has no ETag, and the object cannot be looked at: {e.Message}", e);
        }

        return mustFind ? throw reply.Unreadable("it has no ETag, and there is no such object", null) : null;
    }
}
