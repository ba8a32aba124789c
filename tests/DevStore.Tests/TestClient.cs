using System.Globalization;
using System.Net;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace SyncAgent.DevStore.Tests;

/// <summary>Raw requests over HttpClient, path style.</summary>
internal sealed class TestClient(Uri endpoint, TestSigner signer, TimeProvider? time = null) : IDisposable
{
    private static readonly UriCreationOptions AsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.UTF8,
    });
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    public const string Bucket = "bucket";

    public static string Escape(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(b =>
        char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~' ? ((char)b).ToString() : $"%{b:X2}"));

    public static string Target(string key, string query = "") =>
        $"/{Bucket}/{string.Join('/', key.Split('/').Select(Escape))}{(query.Length > 0 ? "?" + query : "")}";

    public async Task<Answer> SendAsync(
        HttpMethod method, string target, HttpContent? content = null, CancellationToken ct = default, params (string Name, string Value)[] headers)
    {
        Assert.True(Uri.TryCreate(endpoint.GetLeftPart(UriPartial.Authority) + target, AsWritten, out Uri? uri));
        using var request = new HttpRequestMessage(method, uri) { Content = content };
        foreach ((string name, string value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content ??= new ByteArrayContent([]);
                request.Content.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        signer.Sign(request, target, _time.GetUtcNow());
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        byte[] body = await response.Content.ReadAsByteArrayAsync(ct);
        return new Answer(
            response.StatusCode,
            response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(",", h.Value), StringComparer.OrdinalIgnoreCase),
            body);
    }

    public Task<Answer> PutAsync(string key, byte[] body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Put, Target(key), new ByteArrayContent(body), default, headers);

    public Task<Answer> GetAsync(string key, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, Target(key), null, default, headers);

    public Task<Answer> HeadAsync(string key, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Head, Target(key), null, default, headers);

    public Task<Answer> DeleteAsync(string key) => SendAsync(HttpMethod.Delete, Target(key));

    public Task<Answer> ListAsync(string query) => SendAsync(HttpMethod.Get, $"/{Bucket}/?{query}");

    public async Task<string> InitiateAsync(string key, params (string Name, string Value)[] headers)
    {
        Answer answer = await SendAsync(HttpMethod.Post, Target(key, "uploads"), null, default, headers);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Xml.Element("UploadId")!.Value;
    }

    public Task<Answer> PutPartAsync(string key, string uploadId, int number, byte[] body, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Put, Target(key, $"partNumber={number}&uploadId={uploadId}"), new ByteArrayContent(body), default, headers);

    public Task<Answer> CompleteAsync(string key, string uploadId, IEnumerable<(int Number, string ETag)> parts, params (string Name, string Value)[] headers)
    {
        string document = new XElement("CompleteMultipartUpload", parts.Select(p =>
            new XElement("Part", new XElement("PartNumber", p.Number), new XElement("ETag", p.ETag)))).ToString();
        return SendAsync(HttpMethod.Post, Target(key, $"uploadId={uploadId}"), new StringContent(document, Encoding.UTF8, "application/xml"), default, headers);
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>A whole answer.</summary>
internal sealed record Answer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>Lenient about control characters, which object names may hold.</summary>
    public XElement Xml
    {
        get
        {
            using var reader = XmlReader.Create(new MemoryStream(Body), new XmlReaderSettings { CheckCharacters = false });
            return XElement.Load(reader, LoadOptions.PreserveWhitespace);
        }
    }

    public string? Code => Body.Length > 0 ? Xml.Element("Code")?.Value : null;

    public string? ETag => Headers.GetValueOrDefault("ETag");

    public ulong Crc => ulong.Parse(Headers["x-oss-hash-crc64ecma"], CultureInfo.InvariantCulture);

    public IReadOnlyList<string> Texts(string element, string child) => [.. Xml.Elements(element).Select(e => e.Element(child)!.Value)];
}
