using System.Globalization;
using System.Text.Json;

namespace SyncAgent.Store;

/// <summary>Credentials as JSON, in the spellings that are about: Alibaba's metadata service and STS, the aliyun command's external
/// processes (<c>access_key_id</c>), AWS's <c>credential_process</c> (<c>SecretAccessKey</c>). No message repeats any of the text.</summary>
internal static class CredentialsDocument
{
    /// <summary>Reads a document.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="origin">Who gave it, for messages.</param>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.BadCredentials"/>: it holds none.</exception>
    public static TimedCredentials Parse(ReadOnlyMemory<byte> json, string origin)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement, origin);
        }
        catch (JsonException)
        {
            // The exception is dropped on purpose: its message may quote what it stumbled over.
            throw Bad($"{origin} gave no JSON.");
        }
    }

    /// <summary>Reads an object.</summary>
    /// <exception cref="StoreException"><see cref="StoreErrorKind.BadCredentials"/>: it holds none.</exception>
    public static TimedCredentials Read(JsonElement element, string origin)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Bad($"{origin} gave no JSON object.");
        if (Text(element, "Code") is { } code && code != "Success") throw Bad($"{origin} answered with the code {code}.");
        if (element.TryGetProperty("Version", out var version) && !(version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number) && number == 1))
            throw Bad($"{origin} gave a version of the format other than 1.");

        var id = Text(element, "AccessKeyId", "access_key_id") ?? throw Bad($"{origin} gave no AccessKeyId.");
        var secret = Text(element, "AccessKeySecret", "SecretAccessKey", "access_key_secret") ?? throw Bad($"{origin} gave no AccessKeySecret.");
        var token = Text(element, "SecurityToken", "SessionToken", "sts_token");
        var expiration = Text(element, "Expiration", "expiration");
        if (expiration is null) return new TimedCredentials(new StoreCredentials(id, secret, token), null);
        return DateTimeOffset.TryParse(expiration, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires)
            ? new TimedCredentials(new StoreCredentials(id, secret, token), expires)
            : throw Bad($"{origin} gave an Expiration that is no time like 2026-01-31T12:00:00Z.");
    }

    private static string? Text(JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text) return text;
        }

        return null;
    }

    private static StoreException Bad(string message) => new(StoreErrorKind.BadCredentials, message);
}
