using System.Globalization;
using System.Text;
using System.Xml;

namespace SyncAgent.DevStore;

/// <summary>An answer, complete before its first byte is sent, so that a fault can still change or swallow it.</summary>
internal sealed class OssResponse : IDisposable
{
    public int Status { get; init; } = 200;

    public string? ErrorCode { get; init; }

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public byte[] Body { get; init; } = [];

    /// <summary>For the request log: the upload that this answer announces.</summary>
    public string? NewUploadId { get; init; }

    /// <summary>Object bytes to send instead of <see cref="Body"/>.</summary>
    public SliceReader? Content { get; init; }

    /// <summary>What Content-Length says; differs from what is sent only for HEAD.</summary>
    public long? DeclaredLength { get; init; }

    public long Length => Content?.Length ?? Body.Length;

    public OssResponse With(string name, string? value)
    {
        if (value is not null) Headers[name] = value;
        return this;
    }

    public OssResponse WithCrc(ulong? crc) => With("x-oss-hash-crc64ecma", crc?.ToString(CultureInfo.InvariantCulture));

    public static OssResponse Xml(string root, Action<XmlWriter> write, string? newUploadId = null) =>
        new OssResponse { Body = Render(root, write), NewUploadId = newUploadId }.With("Content-Type", "application/xml");

    public static OssResponse Error(OssException error, string requestId, string host, bool isHead)
    {
        byte[] document = Render("Error", xml =>
        {
            xml.WriteElementString("Code", error.Code);
            xml.WriteElementString("Message", error.Message);
            xml.WriteElementString("RequestId", requestId);
            xml.WriteElementString("HostId", host);
            foreach ((string name, string value) in error.Details) xml.WriteElementString(name, value);
            xml.WriteElementString("EC", error.Ec);
        });
        bool bodyless = isHead || error.Status == 304;
        var response = new OssResponse { Status = error.Status, ErrorCode = error.Code, Body = bodyless ? [] : document };
        if (error.Status != 304) response.With("x-oss-ec", error.Ec);
        if (!bodyless) response.With("Content-Type", "application/xml");
        else if (isHead) response.With("x-oss-err", Convert.ToBase64String(document));
        foreach ((string name, string value) in error.Headers) response.With(name, value);
        return response;
    }

    public void Dispose() => Content?.Dispose();

    private static byte[] Render(string root, Action<XmlWriter> write)
    {
        using var document = new MemoryStream();
        // Object names may hold characters that XML 1.0 forbids; the service writes them as references all the same.
        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = false };
        using (var xml = XmlWriter.Create(document, settings))
        {
            xml.WriteStartElement(root);
            write(xml);
            xml.WriteEndElement();
        }

        return document.ToArray();
    }
}

internal static class OssText
{
    public const string Iso = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static string ToIso(this DateTimeOffset time) => time.UtcDateTime.ToString(Iso, CultureInfo.InvariantCulture);

    public static string ToRfc1123(this DateTimeOffset time) => time.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);

    public static string Quoted(this string etag) => $"\"{etag}\"";
}
