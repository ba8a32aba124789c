using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace SyncAgent.DevStore;

/// <summary>Reads an object's attributes from request headers.</summary>
internal static partial class AttributeReader
{
    private const int MaxTags = 10;
    private const int MaxMetaBytes = 8 << 10;
    private static readonly string[] Acls = ["default", "private", "public-read", "public-read-write"];
    private static readonly string[] StorageClasses = ["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"];
    private static readonly string[] Algorithms = ["AES256", "KMS", "SM4"];
    private static readonly string[] KeptHeaders =
        ["cache-control", "content-disposition", "content-encoding", "content-language", "expires", .. EncryptionHeaders];

    public static string[] EncryptionHeaders => ["x-oss-server-side-encryption", "x-oss-server-side-encryption-key-id"];

    [GeneratedRegex(@"^[-\w+=./: ]*$", RegexOptions.CultureInvariant)]
    private static partial Regex TagText { get; }

    public static ObjectAttributes Read(OssRequest request)
    {
        string? algorithm = OneOf(request, EncryptionHeaders[0], Algorithms);
        if (algorithm != "KMS" && request.Header(EncryptionHeaders[1]) is not null)
            throw OssErrors.InvalidArgument($"{EncryptionHeaders[1]} goes with KMS only.");
        var kept = request.Headers
            .Where(h => KeptHeaders.Contains(h.Key) || h.Key.StartsWith("x-oss-meta-", StringComparison.Ordinal))
            .ToDictionary(h => h.Key, h => h.Value);
        if (kept.Where(h => h.Key.StartsWith("x-oss-meta-", StringComparison.Ordinal)).Sum(h => h.Key.Length + h.Value.Length) > MaxMetaBytes)
            throw OssErrors.InvalidArgument("User metadata is 8 KB at most.");
        return new ObjectAttributes
        {
            ContentType = string.IsNullOrEmpty(request.Header("content-type")) ? "application/octet-stream" : request.Header("content-type")!,
            Headers = kept,
            StorageClass = OneOf(request, "x-oss-storage-class", StorageClasses) ?? "Standard",
            Acl = Acl(request) ?? "default",
            Tags = Tags(request),
        };
    }

    public static string? Acl(OssRequest request) => OneOf(request, "x-oss-object-acl", Acls);

    public static IReadOnlyList<ObjectTag> Tags(OssRequest request)
    {
        try
        {
            return Checked([.. RequestParser.ParseQuery(request.Header("x-oss-tagging") ?? "").Select(p => new ObjectTag(p.Key, p.Value))]);
        }
        catch (FormatException)
        {
            throw OssErrors.InvalidArgument("x-oss-tagging is URL-encoded key=value pairs.");
        }
    }

    public static IReadOnlyList<ObjectTag> Tags(XElement document) => Checked([.. document.Descendants("Tag")
        .Select(t => new ObjectTag(t.Element("Key")?.Value ?? "", t.Element("Value")?.Value ?? ""))]);

    /// <summary>PUT has no conditions in OSS; forbid-overwrite is the only one.</summary>
    public static void RefuseConditions(OssRequest request)
    {
        if ((request.Header("if-match") ?? request.Header("if-none-match")) is not null)
            throw OssErrors.NotImplemented("A condition on an upload");
    }

    /// <summary>Call from inside the commit that writes the key.</summary>
    public static void CheckOverwrite(CatalogState state, OssRequest request)
    {
        Bucket bucket = state.GetBucket(request.Bucket);
        // With versioning, on or suspended, the header has no effect: no overwrite loses anything there.
        if (request.Flag("x-oss-forbid-overwrite") && bucket.Record.Versioning is null && bucket.Objects.Find(request.Key) is not null)
            throw OssErrors.FileAlreadyExists(request.Key);
    }

    private static List<ObjectTag> Checked(List<ObjectTag> tags)
    {
        bool valid = tags.Count <= MaxTags
            && tags.TrueForAll(t => t.Key.Length is > 0 and <= 128 && t.Value.Length <= 256 && TagText.IsMatch(t.Key) && TagText.IsMatch(t.Value))
            && tags.DistinctBy(t => t.Key).Count() == tags.Count;
        return valid ? tags : throw new OssException(400, "InvalidTag", "A tag you have supplied is invalid.");
    }

    private static string? OneOf(OssRequest request, string header, string[] allowed) => request.Header(header) switch
    {
        null => null,
        var value when allowed.Contains(value) => value,
        _ => throw OssErrors.InvalidArgument($"{header} is one of {string.Join(", ", allowed)}."),
    };
}
