using SyncAgent.Agent.Configuration.Keys;
using SyncAgent.Store;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Configuration;

/// <summary>Reads the list <c>objects</c> of a drive: how the objects of which files are stored.</summary>
internal static class ObjectRulesReader
{
    /// <summary>Reads the rules; the drive's mistakes get all that is wrong with them, each with its path.</summary>
    /// <returns>The rules in order; those with a mistake too, so that the caller goes by the mistakes.</returns>
    public static IReadOnlyList<ObjectRule> Read(ConfigSection drive)
    {
        var sections = drive.Sections(DriveKeys.Objects);
        var isOss = drive.Text(DriveKeys.Store) is null or "" or TargetSettings.Oss;
        List<ObjectRule> rules = [.. sections.Select(ReadRule)];
        var list = drive.At(DriveKeys.Objects);
        foreach (var mistake in ObjectRules.Validate(rules)) drive.Mistakes.Add(mistake.Option.StartsWith('[') ? $"{list}{mistake}" : $"{list}: {mistake.Reason}");
        if (!isOss) return rules;
        for (var i = 0; i < rules.Count; i++)
        {
            foreach (var mistake in OssObjectStore.FindUnsupported(rules[i].Options)) drive.Mistakes.Add($"{sections[i].At(mistake.Option)}: {mistake.Reason}");
        }

        return rules;
    }

    private static ObjectRule ReadRule(ConfigSection rule) => new(rule.Text(ObjectKeys.Match) ?? "", new ObjectOptions
    {
        ContentType = rule.Text(ObjectKeys.ContentType),
        CacheControl = rule.Text(ObjectKeys.CacheControl),
        ContentDisposition = rule.Text(ObjectKeys.ContentDisposition),
        ContentEncoding = rule.Text(ObjectKeys.ContentEncoding),
        Acl = rule.Text(ObjectKeys.Acl),
        StorageClass = rule.Text(ObjectKeys.StorageClass),
        Tags = rule.Texts(ObjectKeys.Tags),
        Metadata = rule.Texts(ObjectKeys.Metadata),
        Encryption = rule.Section(ObjectKeys.Encryption) is { } encryption
            ? new ServerSideEncryption(encryption.Text(EncryptionKeys.Algorithm) ?? "", encryption.Text(EncryptionKeys.KeyId))
            : null,
        Callback = rule.Section(ObjectKeys.Callback) is { } callback ? ReadCallback(callback) : null,
    });

    private static UploadCallback ReadCallback(ConfigSection section)
    {
        var callback = new UploadCallback(section.Text(CallbackKeys.Url) ?? "", section.Text(CallbackKeys.Body) ?? "")
        {
            Host = section.Text(CallbackKeys.Host),
            Variables = section.Texts(CallbackKeys.Variables),
        };
        return section.Text(CallbackKeys.BodyType) is { } type ? callback with { BodyType = type } : callback;
    }
}
