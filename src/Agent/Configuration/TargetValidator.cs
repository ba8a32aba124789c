using System.Text;
using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration;

/// <summary>Checks a target; every mistake is added to the list, each with where it stands.</summary>
internal static class TargetValidator
{
    /// <summary>Longest object key in bytes; a prefix must leave room for names.</summary>
    private const int MaxPrefixBytes = 512;

    /// <summary>The checked target, or null with at least one mistake added.</summary>
    /// <param name="draft">What was given.</param>
    /// <param name="where">Says where a field stands, e.g. "bucket" to "--bucket" or "$.drives[0].bucket".</param>
    /// <param name="mistakes">Takes the mistakes.</param>
    public static TargetSettings? Check(TargetDraft draft, Func<string, string> where, ICollection<string> mistakes)
    {
        var before = mistakes.Count;
        var store = draft.Store ?? "oss";
        if (store == "s3")
        {
            mistakes.Add($"{where("store")}: the store type s3 comes with a later version; this one knows oss.");
            return null;
        }

        if (store != "oss") mistakes.Add($"{where("store")}: \"{store}\" is not a store type; this version knows oss.");
        if (string.IsNullOrEmpty(draft.Bucket)) mistakes.Add($"{where("bucket")}: not set.");
        if (string.IsNullOrEmpty(draft.Endpoint) && string.IsNullOrEmpty(draft.Region))
            mistakes.Add($"{where("endpoint")}: not set; give an endpoint, or a region ({where("region")}).");
        var prefix = CheckPrefix(draft.Prefix, where("prefix"), mistakes);
        var addressing = CheckAddressing(draft.Addressing, where("addressing"), mistakes);
        if (mistakes.Count > before) return null;

        var target = new TargetSettings(
            store, NullIfEmpty(draft.Endpoint), NullIfEmpty(draft.Region), draft.Bucket!, prefix, addressing, draft.AllowHttp);
        foreach (var error in target.ToStoreOptions().Validate()) mistakes.Add($"{FieldOf(error, where)}: {error}");
        return mistakes.Count > before ? null : target;
    }

    private static string CheckPrefix(string? given, string where, ICollection<string> mistakes)
    {
        if (string.IsNullOrEmpty(given)) return "";
        var prefix = given.EndsWith('/') ? given : given + "/";
        if (prefix.StartsWith('/') || prefix.Contains("//", StringComparison.Ordinal)
            || prefix.Split('/').Any(part => part is "." or "..") || prefix.Any(char.IsControl))
        {
            mistakes.Add($"{where}: \"{given}\" must be names joined with single slashes, with none at the start and no \".\" or \"..\".");
        }
        else if (Encoding.UTF8.GetByteCount(prefix) > MaxPrefixBytes)
        {
            mistakes.Add($"{where}: longer than {MaxPrefixBytes} bytes.");
        }

        return prefix;
    }

    private static OssAddressing CheckAddressing(string? given, string where, ICollection<string> mistakes)
    {
        switch (given)
        {
            case null or "auto": return OssAddressing.Auto;
            case "virtual-host": return OssAddressing.VirtualHost;
            case "path": return OssAddressing.Path;
            case "cname": return OssAddressing.Cname;
            default:
                mistakes.Add($"{where}: \"{given}\" is none of auto, virtual-host, path, cname.");
                return OssAddressing.Auto;
        }
    }

    // The store's sentences begin with the option that they are about.
    private static string FieldOf(string error, Func<string, string> where)
    {
        foreach (var field in (string[])["bucket", "region", "endpoint", "addressing"])
        {
            if (error.StartsWith(field, StringComparison.OrdinalIgnoreCase)) return where(field);
        }

        return where("endpoint");
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
