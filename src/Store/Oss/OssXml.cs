using System.Globalization;
using System.Net;
using System.Text;
using System.Xml;

namespace SyncAgent.Store;

/// <summary>An <c>Error</c> document.</summary>
internal sealed record OssErrorDocument(string Code, string Message, string? RequestId, string? ErrorCode, string? Endpoint);

/// <summary>
/// Reads OSS's answers: unknown elements are skipped, namespaces and order ignored, document types refused, sizes bounded.
/// The readers below throw <see cref="XmlException"/> or <see cref="FormatException"/> on what they cannot understand.
/// </summary>
internal static partial class OssXml
{
    /// <summary>Longest answer that is read: 1,000 entries of 1,023 percent-encoded bytes take about a quarter of it.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxBytes,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        // OSS escapes control characters that XML 1.0 does not allow even so.
        CheckCharacters = false,
    };

    /// <summary>Reads a document with this root element.</summary>
    public static T Parse<T>(byte[] document, string root, Func<XmlReader, T> read)
    {
        using var reader = XmlReader.Create(new MemoryStream(document, writable: false), Settings);
        reader.MoveToContent();
        if (reader.LocalName != root) throw new XmlException($"Expected <{root}>, found <{reader.LocalName}>.");
        return read(reader);
    }

    /// <summary>The error in a document, or null when it holds none.</summary>
    public static OssErrorDocument? TryParseError(byte[] document)
    {
        try
        {
            return Parse(document, "Error", ReadError);
        }
        catch (XmlException)
        {
            // A proxy's HTML, or nothing: the caller goes by the status.
            return null;
        }
    }

    /// <summary>The error in the header that stands in for a body in the answer to HEAD (base64), or null.</summary>
    public static OssErrorDocument? TryParseHeadError(string? header)
    {
        if (header is null) return null;
        var document = new byte[header.Length];
        return Convert.TryFromBase64String(header, document, out var length) ? TryParseError(document[..length]) : null;
    }

    /// <summary>The body of Complete.</summary>
    public static byte[] WriteComplete(IReadOnlyList<PartReference> parts)
    {
        var xml = new StringBuilder("<CompleteMultipartUpload>", 64 + parts.Count * 100);
        foreach (var part in parts)
            xml.Append(CultureInfo.InvariantCulture, $"<Part><PartNumber>{part.PartNumber}</PartNumber><ETag>\"{WebUtility.HtmlEncode(part.ETag)}\"</ETag></Part>");
        return Encoding.UTF8.GetBytes(xml.Append("</CompleteMultipartUpload>").ToString());
    }

    private static OssErrorDocument ReadError(XmlReader reader)
    {
        string code = "", message = "";
        string? requestId = null, errorCode = null, endpoint = null;
        foreach (var name in Children(reader))
        {
            switch (name)
            {
                case "Code": code = Text(reader); break;
                case "Message": message = Text(reader); break;
                case "RequestId": requestId = Text(reader); break;
                case "EC": errorCode = Text(reader); break;
                case "Endpoint": endpoint = Text(reader); break;
                default: XmlGuard.Skip(reader); break;
            }
        }

        return new OssErrorDocument(code, message, requestId, errorCode, endpoint);
    }

    /// <summary>Names the child elements one by one and leaves the reader on each; the caller reads or skips it whole.</summary>
    private static IEnumerable<string> Children(XmlReader reader)
    {
        var depth = reader.Depth;
        var empty = reader.IsEmptyElement;
        reader.Read();
        if (empty) yield break;
        while (reader.Depth > depth)
        {
            if (reader.NodeType == XmlNodeType.Element) yield return reader.LocalName;
            else reader.Read();
        }

        reader.Read();
    }

    private static string Text(XmlReader reader) => reader.ReadElementContentAsString();

    private static bool Flag(XmlReader reader) => Text(reader).Equals("true", StringComparison.OrdinalIgnoreCase);

    private static long Number(XmlReader reader) => long.Parse(Text(reader), NumberStyles.None, CultureInfo.InvariantCulture);

    private static string ETag(XmlReader reader) => Text(reader).Trim('"');

    private static DateTimeOffset Time(XmlReader reader) =>
        DateTimeOffset.Parse(Text(reader), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    /// <summary>Undoes encoding-type=url, where the answer says that it was applied; "+" is a space.</summary>
    private static string Decode(string text, bool encoded) => encoded ? WebUtility.UrlDecode(text) : text;
}
