namespace SyncAgent.DevStore;

/// <summary>The headers that answers to writes have in common.</summary>
internal static class StoredAnswer
{
    public static OssResponse WithStored(this OssResponse response, ObjectRecord item) => response
        .With("ETag", item.ETag.Quoted())
        .With("x-oss-version-id", item.Sequence > 0 ? VersionIds.Show(item.VersionId) : null)
        .WithEncryption(item.Attributes)
        .WithCrc(item.Crc);

    public static OssResponse WithEncryption(this OssResponse response, ObjectAttributes attributes)
    {
        foreach (string name in AttributeReader.EncryptionHeaders) response.With(name, attributes.Headers.GetValueOrDefault(name));
        return response;
    }
}
