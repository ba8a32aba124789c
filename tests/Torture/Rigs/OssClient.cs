using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.Torture.Rigs;

/// <summary>Another program that changes the bucket: a client of a page, which shares nothing with the agent's (signature version 1).</summary>
internal sealed class OssClient(Uri endpoint, string bucket) : IDisposable
{
    public const string KeyId = "torture-key";
    public const string Secret = "torture-secret";

    private readonly HttpClient _http = new();

    /// <summary>Writes an object, whatever is there.</summary>
    public Task PutAsync(string key, byte[] bytes) => SendAsync(HttpMethod.Put, key, bytes);

    /// <summary>Deletes an object.</summary>
    public Task DeleteAsync(string key) => SendAsync(HttpMethod.Delete, key, null);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task SendAsync(HttpMethod method, string key, byte[]? bytes)
    {
        using var request = new HttpRequestMessage(method, new Uri(endpoint, $"/{bucket}/{string.Join('/', key.Split('/').Select(Uri.EscapeDataString))}"));
        var date = DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture);
        if (bytes is not null) request.Content = new ByteArrayContent(bytes);
        request.Headers.TryAddWithoutValidation("Date", date);
        var text = $"{method}\n\n\n{date}\n/{bucket}/{key}";
#pragma warning disable CA5350 // OSS's first signature is made so
        var signature = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
        request.Headers.Authorization = new AuthenticationHeaderValue("OSS", $"{KeyId}:{signature}");
        using var answer = await _http.SendAsync(request);
        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NoContent))
            throw new HttpRequestException($"{method} {key}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }
}
