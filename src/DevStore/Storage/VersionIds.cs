using System.Security.Cryptography;

namespace SyncAgent.DevStore;

/// <summary>Ids of versions, inside and on the wire.</summary>
internal static class VersionIds
{
    private const string None = "null";

    /// <summary>A new id; opaque, so that no client comes to rely on an order.</summary>
    public static string Make() => $"CAEQ{RandomNumberGenerator.GetHexString(32, lowercase: true)}";

    /// <summary>An id as a request gives it.</summary>
    public static string? Parse(string text) => text == None ? null : text;

    /// <summary>An id as an answer gives it.</summary>
    public static string Show(string? id) => id ?? None;

    /// <summary>The header's value, or null for no header: a bucket without versioning has none.</summary>
    public static string? ForHeader(Bucket bucket, ObjectRecord item) => bucket.Record.Versioning is null ? null : Show(item.VersionId);
}
