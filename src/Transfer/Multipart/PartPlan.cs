using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>How a file is cut into parts: equal ones but for the last, fixed for the life of an upload.</summary>
/// <param name="Size">Bytes of the file, above 0.</param>
/// <param name="PartSize">Bytes of every part but the last.</param>
internal sealed record PartPlan(long Size, long PartSize)
{
    private const long Mebibyte = 1024 * 1024;

    public int Count => checked((int)((Size + PartSize - 1) / PartSize));

    public long OffsetOf(int number) => (number - 1) * PartSize;

    public long LengthOf(int number) => Math.Min(PartSize, Size - OffsetOf(number));

    /// <summary>Plans an upload: the parts in flight are at most 3 % of a large file, so that a crash costs little, but no part is
    /// below 1 MiB, and there are never more parts than the store takes.</summary>
    /// <param name="size">Bytes of the file, above 0.</param>
    /// <param name="options">Part size and parts at once, as set.</param>
    /// <param name="store">The store's limits.</param>
    /// <param name="comfortable">Bytes that a part has at most where no size is set: what the link bears.</param>
    public static PartPlan For(long size, TransferOptions options, StoreCapabilities store, long comfortable)
    {
        var economic = size / 100 * 3 / options.ParallelParts / Mebibyte * Mebibyte;
        var wanted = options.PartSize ?? Math.Clamp(economic, Mebibyte, Math.Max(Mebibyte, comfortable));
        return Bounded(size, wanted, store);
    }

    /// <summary>Plans a copy on the server, where no bytes travel: few parts.</summary>
    public static PartPlan ForCopy(long size, StoreCapabilities store) =>
        Bounded(size, Math.Min(store.MaxCopySize, 256 * Mebibyte), store);

    private static PartPlan Bounded(long size, long wanted, StoreCapabilities store)
    {
        var needed = (size + store.MaxParts - 1) / store.MaxParts;
        var part = Math.Clamp(Math.Max(wanted, needed), store.MinPartSize, store.MaxPartSize);
        return new PartPlan(size, part);
    }
}
