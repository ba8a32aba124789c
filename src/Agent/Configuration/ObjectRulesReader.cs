using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Configuration;

/// <summary>Reads the list <c>objects</c> of a drive: how the objects of which files are stored.</summary>
internal static class ObjectRulesReader
{
    private const string List = "objects";

    /// <summary>Reads the rules; <paramref name="mistakes"/> gets all that is wrong with them, each with its path.</summary>
    /// <returns>The rules in order; those with a mistake too, so that the caller goes by <paramref name="mistakes"/>.</returns>
    public static IReadOnlyList<ObjectRule> Read(ConfigSection drive, ICollection<string> mistakes)
    {
        var sections = drive.Sections(List);
        var isOss = drive.Text("store") is null or "" or "oss";
        List<ObjectRule> rules = [.. sections.Select(ReadRule)];
        foreach (var mistake in ObjectRules.Validate(rules))
            mistakes.Add(mistake.Option.StartsWith('[') ? $"{drive.At(List)}{mistake}" : $"{drive.At(List)}: {mistake.Reason}");
        if (!isOss) return rules;
        for (var i = 0; i < rules.Count; i++)
        {
            foreach (var mistake in OssObjectStore.FindUnsupported(rules[i].Options)) mistakes.Add($"{sections[i].At(mistake.Option)}: {mistake.Reason}");
        }

        return rules;
    }

    private static ObjectRule ReadRule(ConfigSection section)
    {
        var rule = new ObjectRule(section.Text("match") ?? "", new ObjectOptions
        {
            ContentType = section.Text("contentType"),
            CacheControl = section.Text("cacheControl"),
            ContentDisposition = section.Text("contentDisposition"),
            ContentEncoding = section.Text("contentEncoding"),
            Acl = section.Text("acl"),
            StorageClass = section.Text("storageClass"),
            Tags = section.Texts("tags"),
            Metadata = section.Texts("metadata"),
            Encryption = ReadEncryption(section.Section("encryption")),
            Callback = ReadCallback(section.Section("callback")),
        });
        section.RefuseUnknown();
        return rule;
    }

    private static ServerSideEncryption? ReadEncryption(ConfigSection? section)
    {
        if (section is null) return null;
        var encryption = new ServerSideEncryption(section.Text("algorithm") ?? "", section.Text("keyId"));
        section.RefuseUnknown();
        return encryption;
    }

    private static UploadCallback? ReadCallback(ConfigSection? section)
    {
        if (section is null) return null;
        var callback = new UploadCallback(section.Text("url") ?? "", section.Text("body") ?? "")
        {
            Host = section.Text("host"),
            Variables = section.Texts("variables"),
        };
        if (section.Text("bodyType") is { } type) callback = callback with { BodyType = type };
        section.RefuseUnknown();
        return callback;
    }
}
