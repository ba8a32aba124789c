using System.Text;

namespace SyncAgent.Store;

/// <summary>One mistake in <see cref="ObjectOptions"/>.</summary>
/// <param name="Option">Which one, as configuration files name it: "tags", "callback.url".</param>
/// <param name="Reason">What is wrong, half a sentence with a full stop. Holds names, never values: a callback may carry a secret.</param>
public readonly record struct OptionMistake(string Option, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Option}: {Reason}";
}

/// <summary>What any store asks of <see cref="ObjectOptions"/>: that headers can carry them unchanged, and the limits that OSS and
/// S3 share. A store may ask for more.</summary>
public static class ObjectOptionsValidator
{
    /// <summary>Tags of one object.</summary>
    public const int MaxTags = 10;

    /// <summary>Characters of a tag's key; at least 1.</summary>
    public const int MaxTagKey = 128;

    /// <summary>Characters of a tag's value.</summary>
    public const int MaxTagValue = 256;

    /// <summary>URLs of one callback. Source: Alibaba's page "Callback", as are the other rules for it.</summary>
    public const int MaxCallbackUrls = 5;

    private const string FormType = "application/x-www-form-urlencoded";
    private const string JsonType = "application/json";
    private const string NotHeaderText = "must be printable ASCII without spaces around it.";

    /// <summary>Every mistake, in the order of the options.</summary>
    public static IReadOnlyList<OptionMistake> Validate(ObjectOptions options)
    {
        var mistakes = new List<OptionMistake>();
        CheckText("contentType", options.ContentType);
        CheckText("cacheControl", options.CacheControl);
        CheckText("contentDisposition", options.ContentDisposition);
        CheckText("contentEncoding", options.ContentEncoding);
        foreach (var (name, value) in options.Metadata)
        {
            if (!IsMetadataName(name)) mistakes.Add(new("metadata", $"the name \"{name}\" must be lower-case letters, digits and hyphens."));
            else if (!IsHeaderText(value)) mistakes.Add(new($"metadata.{name}", NotHeaderText));
        }

        CheckText("acl", options.Acl);
        CheckText("storageClass", options.StorageClass);
        CheckTags(options.Tags, mistakes);
        if (options.Encryption is { } encryption)
        {
            CheckText("encryption.algorithm", encryption.Algorithm);
            CheckText("encryption.keyId", encryption.KeyId);
            if (encryption.KeyId is not null && encryption.Algorithm != "KMS") mistakes.Add(new("encryption.keyId", "goes with the algorithm KMS only."));
        }

        if (options.Callback is { } callback) CheckCallback(callback, mistakes);
        return mistakes;

        void CheckText(string option, string? text)
        {
            if (text is not null && (text.Length == 0 || !IsHeaderText(text))) mistakes.Add(new(option, NotHeaderText));
        }
    }

    // What a header cannot carry unchanged would be stored as something else, or let one header become two.
    private static bool IsHeaderText(string text) => text.All(c => c is >= ' ' and <= '~') && text == text.Trim();

    private static bool IsMetadataName(string name) => name.Length > 0 && name.All(c => c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-');

    private static void CheckTags(IReadOnlyDictionary<string, string> tags, List<OptionMistake> mistakes)
    {
        if (tags.Count > MaxTags) mistakes.Add(new("tags", $"at most {MaxTags}, here are {tags.Count}."));
        foreach (var (key, value) in tags)
        {
            if (key.Length is 0 or > MaxTagKey || !IsPlainText(key)) mistakes.Add(new("tags", $"the key \"{key}\" must have 1 to {MaxTagKey} characters and none that controls."));
            else if (value.Length > MaxTagValue || !IsPlainText(value)) mistakes.Add(new($"tags.{key}", $"must have 0 to {MaxTagValue} characters and none that controls."));
        }
    }

    /// <summary>Valid Unicode without control characters.</summary>
    private static bool IsPlainText(string text) => text.EnumerateRunes().All(rune => !Rune.IsControl(rune) && rune != Rune.ReplacementChar);

    private static void CheckCallback(UploadCallback callback, List<OptionMistake> mistakes)
    {
        var urls = callback.Url.Split(';');
        if (urls.Length > MaxCallbackUrls) mistakes.Add(new("callback.url", $"at most {MaxCallbackUrls} joined with \";\"."));
        if (!urls.All(IsHttpUrl)) mistakes.Add(new("callback.url", "must begin with http:// or https:// and be percent-encoded; several are joined with \";\"."));
        if (callback.Body.Length == 0) mistakes.Add(new("callback.body", "is empty."));
        if (callback.BodyType is not (FormType or JsonType))
            mistakes.Add(new("callback.bodyType", $"must be {FormType} or {JsonType}."));
        if (callback.Host is { } host && Uri.CheckHostName(HostOf(host)) is UriHostNameType.Unknown)
            mistakes.Add(new("callback.host", "must be a host name or an address, with a port or without."));
        foreach (var name in callback.Variables.Keys.Where(name => !IsVariableName(name)))
            mistakes.Add(new("callback.variables", $"the name \"{name}\" must be \"x:\" and lower-case letters, digits, \"_\" or \"-\"."));
    }

    private static bool IsHttpUrl(string url) =>
        url.All(c => c is > ' ' and <= '~') && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0;

    private static string HostOf(string host) =>
        host.LastIndexOf(':') is > 0 and var colon && ushort.TryParse(host.AsSpan(colon + 1), out _) ? host[..colon] : host;

    private static bool IsVariableName(string name) =>
        name.StartsWith("x:", StringComparison.Ordinal) && name.Length > 2
        && name.AsSpan(2).IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789_-".AsSpan()) < 0;
}
