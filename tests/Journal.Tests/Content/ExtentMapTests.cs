using FsCheck;
using FsCheck.Fluent;

namespace SyncAgent.Journal.Tests;

public sealed class ExtentMapTests
{
    private const int Space = 64;

    [Fact]
    public void The_map_agrees_with_a_byte_array_after_any_writes_and_cuts()
    {
        var change = Gen.Choose(0, Space).SelectMany(a => Gen.Choose(0, Space).SelectMany(b => Gen.Frequency(
            (4, Gen.Constant((Start: Math.Min(a, b), End: Math.Max(a, b), Cut: false))), (1, Gen.Constant((Start: a, End: a, Cut: true))))));
        var cases = Gen.Choose(0, Space).SelectMany(size => Gen.ListOf(change).Select(changes => (Base: size, Changes: changes.ToList()))).ToArbitrary();
        Prop.ForAll(cases, Agrees).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

        static void Agrees((int Base, List<(int Start, int End, bool Cut)> Changes) input)
        {
            var map = new ExtentMap(input.Base);
            var bytes = Enumerable.Range(0, Space).Select(i => i < input.Base ? ExtentOwner.Base : ExtentOwner.Zeros).ToArray();
            foreach (var (start, end, cut) in input.Changes)
            {
                if (cut)
                {
                    map.Truncate(start);
                    bytes.AsSpan(start).Fill(ExtentOwner.Zeros);
                }
                else
                {
                    var isNew = bytes.AsSpan(start, end - start).ContainsAnyExcept(ExtentOwner.Overlay);
                    Assert.Equal(isNew, map.Add(start, end));
                    for (var i = start; i < end; i++) bytes[i] = ExtentOwner.Overlay;
                }
            }

            var pieces = map.Pieces(Space).ToList();
            Assert.Equal(bytes, pieces.SelectMany(piece => Enumerable.Repeat(piece.Owner, (int)piece.Length)));
            Assert.Equal(bytes.Count(owner => owner == ExtentOwner.Overlay), map.Covered);
            Assert.Equal(pieces.Count(piece => piece.Owner == ExtentOwner.Overlay), map.Count); // adjacent ranges are joined
        }
    }
}
