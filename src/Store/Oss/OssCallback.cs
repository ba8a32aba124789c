using System.Text;
using System.Text.Json;

namespace SyncAgent.Store;

/// <summary>The two headers of an upload callback and what OSS answers afterwards. Source: Alibaba's page "Callback".</summary>
internal static class OssCallback
{
    /// <summary>Characters of each header (error 0007-00000101).</summary>
    public const int MaxHeader = 5 * 1024;

    /// <summary>Bytes that are kept of what the application answered; it may send a megabyte.</summary>
    public const int MaxAnswer = 4 * 1024;

    /// <summary>base64 of the JSON that says whom to call with what.</summary>
    public static string Encode(UploadCallback callback) => Encode(json =>
    {
        json.WriteString("callbackUrl", callback.Url);
        if (callback.Host is { } host) json.WriteString("callbackHost", host);
        json.WriteString("callbackBody", callback.Body);
        json.WriteString("callbackBodyType", callback.BodyType);
    });

    /// <summary>base64 of the JSON with the variables, or null without any.</summary>
    public static string? EncodeVariables(UploadCallback callback) => callback.Variables.Count == 0
        ? null
        : Encode(json =>
        {
            foreach (var (name, value) in callback.Variables) json.WriteString(name, value);
        });

    /// <summary>Adds a mistake for each header that would be too long.</summary>
    public static void FindTooLong(UploadCallback callback, List<OptionMistake> mistakes)
    {
        if (Encode(callback).Length > MaxHeader) mistakes.Add(new("callback", $"URL, host and body take more than {MaxHeader} characters as base64."));
        if (EncodeVariables(callback)?.Length > MaxHeader) mistakes.Add(new("callback.variables", $"take more than {MaxHeader} characters as base64."));
    }

    private static string Encode(Action<Utf8JsonWriter> write)
    {
        using var document = new MemoryStream();
        using (var json = new Utf8JsonWriter(document))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Convert.ToBase64String(document.GetBuffer(), 0, (int)document.Length);
    }

    /// <summary>What an answer tells about the callback; the object is stored in either case.</summary>
    /// <param name="failed">Status 203: the application was not notified.</param>
    /// <param name="body">The answer's body or the beginning of it.</param>
    /// <param name="requestId">For support.</param>
    public static CallbackResult Read(bool failed, byte[] body, string? requestId)
    {
        var text = Encoding.UTF8.GetString(body).Trim();
        if (failed)
        {
            var error = OssXml.TryParseError(body);
            var why = error is null ? "the store does not say why" : $"{error.Code}: {error.Message}";
            return new CallbackResult(false, $"{why} (request {error?.RequestId ?? requestId ?? "unknown"}, EC {error?.ErrorCode ?? "unknown"})");
        }

        // An application answers with JSON, or OSS says 203. A server that never called anybody answers as it does to any upload.
        return text.Length == 0 || text[0] == '<'
            ? new CallbackResult(false, $"the server does not say what the application answered; it seems to know no callbacks (request {requestId ?? "unknown"})")
            : new CallbackResult(true, text);
    }
}
