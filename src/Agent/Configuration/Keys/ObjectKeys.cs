using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>The keys of a rule of <c>objects</c>.</summary>
internal static class ObjectKeys
{
    public static readonly ConfigGroup Group = new("Options of objects", "Each object of the list `objects` of a drive.");

    public static readonly TextKey Match = Group.Add(new TextKey("match") { Form = "a pattern", Required = true, Meaning = "which files" });

    public static readonly TextKey ContentType = Group.Add(new TextKey("contentType") { Otherwise = "by the file's extension", Meaning = "Content-Type" });

    public static readonly TextKey CacheControl = Group.Add(new TextKey("cacheControl") { Meaning = "Cache-Control that readers get" });

    public static readonly TextKey ContentDisposition = Group.Add(new TextKey("contentDisposition") { Meaning = "Content-Disposition that readers get" });

    public static readonly TextKey ContentEncoding = Group.Add(new TextKey("contentEncoding") { Meaning = "Content-Encoding that readers get; the bytes are sent as they are" });

    public static readonly TextKey Acl = Group.Add(new TextKey("acl")
    {
        Otherwise = "the bucket's", Meaning = "access rule", Note = "OSS: `default`, `private`, `public-read`, `public-read-write`.",
    });

    public static readonly TextKey StorageClass = Group.Add(new TextKey("storageClass")
    {
        Otherwise = "the bucket's", Meaning = "storage class as the store names it, e.g. Standard, IA, Archive", Note = "Reading an archived file needs a restore first.",
    });

    public static readonly TextsKey Tags = Group.Add(new TextsKey("tags")
    {
        Meaning = "tags, at most 10 over all rules", Note = "Keys of 1 to 128 characters, values of 0 to 256.",
    });

    public static readonly TextsKey Metadata = Group.Add(new TextsKey("metadata")
    {
        Meaning = "user metadata: names of lower-case letters, digits and hyphens, values of printable ASCII, 8 KB in all",
        Note = "`mode`, `uid`, `gid`, `mtime` and `syncagent-…` are the drive's own and refused.",
    });

    public static readonly SectionKey Encryption = Group.Add(new SectionKey("encryption", EncryptionKeys.Group) { Meaning = "encryption by the store" });

    public static readonly SectionKey Callback = Group.Add(new SectionKey("callback", CallbackKeys.Group) { Meaning = "whom OSS is to tell once the object is there" });
}

/// <summary>The keys of <c>encryption</c>.</summary>
internal static class EncryptionKeys
{
    public static readonly ConfigGroup Group = new("Encryption", "Section `encryption` of a rule.");

    public static readonly TextKey Algorithm = Group.Add(new TextKey("algorithm") { Required = true, Meaning = "how: OSS knows AES256, KMS and SM4, S3 AES256 and KMS" });

    public static readonly TextKey KeyId = Group.Add(new TextKey("keyId") { Otherwise = "the account's default key", Meaning = "key for KMS" });
}

/// <summary>The keys of <c>callback</c>.</summary>
internal static class CallbackKeys
{
    public static readonly ConfigGroup Group = new("Callback", "Section `callback` of a rule (`oss` only).");

    public static readonly TextKey Url = Group.Add(new TextKey("url") { Required = true, Form = "URLs", Meaning = "up to five, joined with \";\", tried in turn" });

    public static readonly TextKey Body = Group.Add(new TextKey("body")
    {
        Required = true, Meaning = "body of the call, with placeholders", Note = "`${bucket}`, `${object}`, `${etag}`, `${size}`, `${mimeType}`, `${x:name}`.",
    });

    public static readonly TextKey BodyType = Group.Add(new TextKey("bodyType")
    {
        Otherwise = new UploadCallback("", "").BodyType, Meaning = "content type of that body", Note = "Or `application/json`, where placeholders bring their own quotes.",
    });

    public static readonly TextKey Host = Group.Add(new TextKey("host") { Otherwise = "that of the URL", Meaning = "Host header of the call" });

    public static readonly TextsKey Variables = Group.Add(new TextsKey("variables") { Meaning = "variables of the body", Note = "Their names begin with `x:`, in lower case." });
}
