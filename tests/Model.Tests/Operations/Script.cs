using System.Globalization;
using System.Text;

namespace SyncAgent.Model.Tests.Operations;

/// <summary>A list of steps, one a line when it is shown.</summary>
internal sealed class Script(IReadOnlyList<Op> ops)
{
    public IReadOnlyList<Op> Ops { get; } = ops;

    /// <summary>Smaller scripts to try when this one fails: with runs of steps left out, long ones first, then with smaller numbers.</summary>
    public IEnumerable<Script> Shrink()
    {
        for (var length = Ops.Count / 2; length > 0; length /= 2)
        {
            for (var at = Ops.Count - length; at >= 0; at -= length) yield return new Script([.. Ops.Take(at), .. Ops.Skip(at + length)]);
        }

        for (var i = 0; i < Ops.Count; i++)
        {
            foreach (var smaller in Smaller(Ops[i])) yield return new Script([.. Ops.Take(i), smaller, .. Ops.Skip(i + 1)]);
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Ops.Count; i++) text.Append(CultureInfo.InvariantCulture, $"\n  {i,3}  {Ops[i]}");
        return text.ToString();
    }

    private static IEnumerable<Op> Smaller(Op op) => op switch
    {
        Write { Length: > 16 } write => [write with { Length = 16 }, write with { Length = write.Length / 2 }],
        Write { Offset: > 0 } write => [write with { Offset = 0 }],
        TruncateHandle { Size: > 0 } cut => [cut with { Size = 0 }, cut with { Size = cut.Size / 2 }],
        TruncatePath { Size: > 0 } cut => [cut with { Size = 0 }, cut with { Size = cut.Size / 2 }],
        Read { Offset: > 0 } read => [read with { Offset = 0 }],
        Work { Calls: > 1 } work => [work with { Calls = work.Calls / 2 }],
        Contest { Length: > 16 } contest => [contest with { Length = 16 }],
        RemotePut { Length: > 16 } put => [put with { Length = 16 }],
        _ => [],
    };
}
