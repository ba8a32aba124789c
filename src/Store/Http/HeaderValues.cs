using System.Net.Http.Headers;

namespace SyncAgent.Store;

/// <summary>Reads headers that may be missing.</summary>
internal static class HeaderValues
{
    /// <summary>The first value of a header, or null when there is none or it is empty.</summary>
    public static string? First(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) && values.FirstOrDefault() is { Length: > 0 } value ? value : null;
}
