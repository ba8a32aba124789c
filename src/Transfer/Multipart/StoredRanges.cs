using SyncAgent.Journal;

namespace SyncAgent.Transfer;

/// <summary>What an object in the bucket already holds of a content: the same bytes at the same place.</summary>
/// <param name="Key">The object's key.</param>
/// <param name="ETag">The ETag that it must still have.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="Changes">The content as changes over it.</param>
internal sealed record StoredRanges(string Key, string ETag, long Size, ExtentMap Changes)
{
    /// <summary>Copying is worth while from this many bytes on, or from half of a smaller content.</summary>
    private const long WorthCopying = 64L * 1024 * 1024;

    /// <summary>The numbers of the parts that lie wholly in unchanged ranges; none when they are too few to be worth while.</summary>
    public IReadOnlyList<int> PartsOf(PartPlan plan)
    {
        var numbers = Enumerable.Range(1, plan.Count).Where(number => Holds(plan.OffsetOf(number), plan.LengthOf(number))).ToList();
        return numbers.Sum(plan.LengthOf) >= Math.Min(WorthCopying, plan.Size / 2) ? numbers : [];
    }

    private bool Holds(long offset, long length)
    {
        var piece = Changes.At(offset, offset + length);
        return piece.Owner == ExtentOwner.Base && piece.Length == length && piece.End <= Size;
    }
}
