using System.Text;
using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration;

/// <summary>Checks a target; every mistake is added to the list, each with where it stands.</summary>
internal static class TargetValidator
{
    /// <summary>Longest object key in bytes; a prefix must leave room for names.</summary>
    private const int MaxPrefixBytes = 512;

    /// <summary>The checked target, or null with at least one mistake added.</summary>
    /// <param name="draft">Which bucket.</param>
    /// <param name="access">How to get there.</param>
    /// <param name="where">Says where a field stands, e.g. "bucket" to "--bucket" or "$.drives[0].bucket".</param>
    /// <param name="mistakes">Takes the mistakes.</param>
    public static TargetSettings? Check(TargetDraft draft, AccessDraft access, Func<string, string> where, ICollection<string> mistakes)
    {
        var before = mistakes.Count;
        var store = draft.Store ?? TargetSettings.Oss;
        if (store is not (TargetSettings.Oss or TargetSettings.S3))
            mistakes.Add($"{where("store")}: \"{store}\" is not a store type; expected oss or s3.");
        if (string.IsNullOrEmpty(draft.Bucket)) mistakes.Add($"{where("bucket")}: not set.");
        if (string.IsNullOrEmpty(draft.Endpoint) && string.IsNullOrEmpty(draft.Region))
            mistakes.Add($"{where("endpoint")}: not set; give an endpoint, or a region ({where("region")}).");
        var prefix = CheckPrefix(draft.Prefix, where("prefix"), mistakes);
        if (store == TargetSettings.S3) RefuseOssOnly(draft, access, where, mistakes);
        else if (draft.ConditionalWrites is not null) mistakes.Add($"{where("conditionalWrites")}: for the store s3 only.");
        if (mistakes.Count > before) return null;

        var target = access.ApplyTo(new TargetSettings(
            store, NullIfEmpty(draft.Endpoint), NullIfEmpty(draft.Region), draft.Bucket!, prefix, draft.Addressing ?? OssAddressing.Auto, draft.AllowHttp)
        {
            Internal = draft.Internal,
            ConditionalWrites = draft.ConditionalWrites ?? S3ConditionalWrites.Auto,
        });
        CheckStore(target, where, mistakes);
        return mistakes.Count > before ? null : target;
    }

    /// <summary>Has the store check a target.</summary>
    public static void CheckStore(TargetSettings target, Func<string, string> where, ICollection<string> mistakes)
    {
        var errors = target.Store == TargetSettings.S3 ? target.ToS3Options().Validate() : target.ToOssOptions().Validate();
        foreach (var error in errors) mistakes.Add($"{FieldOf(error, where)}: {error}");
    }

    private static void RefuseOssOnly(TargetDraft draft, AccessDraft access, Func<string, string> where, ICollection<string> mistakes)
    {
        if (draft.Internal) mistakes.Add($"{where("internal")}: for the store oss only; name the internal endpoint instead.");
        if (draft.Addressing is OssAddressing.Cname) mistakes.Add($"{where("addressing")}: cname is for the store oss only.");
        if (access.Credentials?.Source is CredentialsSource.AssumeRole)
            mistakes.Add($"{where("credentials")}: assume-role asks Alibaba's STS; for s3 use process:COMMAND with a tool that takes on the role.");
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

    // The store's sentences begin with the option that they are about.
    private static string FieldOf(string error, Func<string, string> where)
    {
        var name = error[..Math.Max(0, error.IndexOfAny([' ', ':']))];
        return where(name switch
        {
            "Bucket" or "Region" or "Endpoint" or "Addressing" or "Internal" or "Proxy" or "ConditionalWrites" or "CaFile" or "MaxConnections" =>
                char.ToLowerInvariant(name[0]) + name[1..],
            "ConnectTimeout" or "StallTimeout" or "ResponseTimeout" or "IdleTimeout" => $"{char.ToLowerInvariant(name[0])}{name[1..]}Seconds",
            "PathStyle" => "addressing",
            _ => "endpoint",
        });
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
