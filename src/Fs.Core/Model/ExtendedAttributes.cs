using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace SyncAgent.Fs.Core;

/// <summary>
/// A node's extended attributes in the form in which its object's metadata carries them, which is s3fs's: a JSON object of names and
/// base64 values, percent-encoded. Names are <c>user.*</c>, <c>trusted.*</c> and <c>security.*</c>, as xattr(7) has them.
/// </summary>
internal static class ExtendedAttributes
{
    /// <summary>Attributes that the agent answers itself; nobody can set them, and no list names them.</summary>
    public const string OwnPrefix = "user.syncagent.";

    /// <summary>File capabilities: gone, like set-user-id, with any write, truncation or change of owner.</summary>
    public const string Capability = "security.capability";

    private const string TrustedPrefix = "trusted.";

    private static readonly string[] Namespaces = ["user.", TrustedPrefix, "security."];

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Why no attribute can have a name, or null: NotSupported outside the namespaces (also for POSIX ACLs, system.*), and
    /// InvalidArgument for a namespace alone.</summary>
    public static FsError? Check(string name)
    {
        foreach (var space in Namespaces)
        {
            if (name.StartsWith(space, StringComparison.Ordinal)) return name.Length == space.Length ? FsError.InvalidArgument : null;
        }

        return FsError.NotSupported;
    }

    /// <summary>Whether it is one of the agent's own.</summary>
    public static bool IsOwn(string name) => name.StartsWith(OwnPrefix, StringComparison.Ordinal);

    /// <summary>Whether only privileged processes see that it exists.</summary>
    public static bool IsTrusted(string name) => name.StartsWith(TrustedPrefix, StringComparison.Ordinal);

    /// <summary>The attributes by name. What no program of this kind wrote is taken for none.</summary>
    public static SortedDictionary<string, byte[]> Decode(string? encoded)
    {
        var attributes = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        if (encoded is null) return attributes;
        try
        {
            using var document = JsonDocument.Parse(Uri.UnescapeDataString(encoded));
            foreach (var property in document.RootElement.EnumerateObject()) attributes[property.Name] = property.Value.GetBytesFromBase64();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            attributes.Clear();
        }

        return attributes;
    }

    /// <summary>The encoded form; null for none.</summary>
    public static string? Encode(SortedDictionary<string, byte[]> attributes)
    {
        if (attributes.Count == 0) return null;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in attributes) writer.WriteBase64String(name, value);
            writer.WriteEndObject();
        }

        return Uri.EscapeDataString(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }
}
