using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace SyncAgent.Torture.Workload;

/// <summary>What a name holds: a folder, or a file with these bytes.</summary>
internal sealed record Item(byte[]? Bytes, string Sum)
{
    public static Item Folder { get; } = new(null, "a folder");

    public bool IsFolder => Bytes is null;

    public static Item File(byte[] bytes) => new(bytes, SumOf(bytes));

    public static string SumOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public override string ToString() => Bytes is null ? "a folder" : $"{Bytes.Length} bytes {Sum[..12]}";
}

/// <summary>What a name holds afterwards; null for nothing.</summary>
internal sealed record Change(string Path, Item? After);

/// <summary>Every content that any close may have made valid: whatever else stands in a bucket is torn.</summary>
internal sealed class ClosedContents
{
    private readonly ConcurrentDictionary<string, bool> _sums = new();

    public ClosedContents() => Add(Item.File([]));

    public void Add(Item item)
    {
        if (!item.IsFolder) _sums[item.Sum] = true;
    }

    public bool Has(string sum) => _sums.ContainsKey(sum);
}
