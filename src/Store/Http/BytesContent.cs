namespace SyncAgent.Store;

/// <summary>A small body that is in memory anyway.</summary>
internal sealed class BytesContent(byte[] bytes) : ObjectContent
{
    public static BytesContent Empty { get; } = new([]);

    public override long Length => bytes.Length;

    public override Stream OpenRead() => new MemoryStream(bytes, writable: false);
}
