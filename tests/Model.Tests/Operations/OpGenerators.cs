using FsCheck;
using FsCheck.Fluent;

namespace SyncAgent.Model.Tests.Operations;

/// <summary>Random steps over few names and few slots, so that they meet.</summary>
internal static class OpGenerators
{
    private const int Slots = 4;

    /// <summary>Above what is copied whole when it is opened and changed, and in more than one part.</summary>
    private const int Large = 300_000;

    private static readonly string[] Files = ["a", "b", "c"];
    private static readonly string[] Directories = ["d", "e"];
    private static readonly uint[] Modes = [0b110_100_100, 0b110_000_000, 0b111_101_101, 0b100_000_000, 0b100_111_101_101, 0b001_111_111_111];
    private static readonly string[] AttributeNames = ["user.one", "user.two"];

    private static readonly OpenMode[] OpenModes =
    [
        OpenMode.Read,
        OpenMode.Write,
        OpenMode.Read | OpenMode.Write,
        OpenMode.Read | OpenMode.Write | OpenMode.Create,
        OpenMode.Write | OpenMode.Create,
        OpenMode.Read | OpenMode.Create,
        OpenMode.Write | OpenMode.Create | OpenMode.Truncate,
        OpenMode.Read | OpenMode.Write | OpenMode.Create | OpenMode.Truncate,
        OpenMode.Read | OpenMode.Write | OpenMode.Create | OpenMode.Exclusive,
        OpenMode.Write | OpenMode.Truncate,
        OpenMode.Write | OpenMode.Append,
        OpenMode.Read | OpenMode.Write | OpenMode.Create | OpenMode.Append,
    ];

    private static Gen<string> Path { get; } =
        from depth in Gen.Frequency((5, Gen.Constant(0)), (4, Gen.Constant(1)), (1, Gen.Constant(2)))
        from first in Gen.Elements(Directories)
        from second in Gen.Elements(Directories)
        from name in Gen.Frequency((3, Gen.Elements(Files)), (1, Gen.Elements(Directories)))
        select depth switch { 0 => name, 1 => $"{first}/{name}", _ => $"{first}/{second}/{name}" };

    private static Gen<string> DirectoryPath { get; } =
        from depth in Gen.Frequency((4, Gen.Constant(0)), (2, Gen.Constant(1)))
        from first in Gen.Elements(Directories)
        from second in Gen.Elements(Directories)
        select depth == 0 ? first : $"{first}/{second}";

    private static Gen<int> Slot { get; } = Gen.Choose(0, Slots - 1);

    private static Gen<int> Length { get; } = Gen.Frequency((6, Gen.Choose(1, 3000)), (1, Gen.Choose(Large, Large + 5000)));

    private static Gen<int> Offset { get; } = Gen.Frequency((3, Gen.Constant(0)), (4, Gen.Choose(0, 4000)), (1, Gen.Choose(0, Large + 100_000)));

    private static Gen<int> Seed { get; } = Gen.Choose(1, 1_000_000);

    /// <summary>System calls that every file system has.</summary>
    public static Gen<Op> Calls { get; } = Gen.Frequency(
        (9, from slot in Slot from path in Path from mode in Gen.Elements(OpenModes) from permissions in Gen.Elements(Modes) select (Op)new Open(slot, path, mode, permissions)),
        (5, from slot in Slot select (Op)new Close(slot)),
        (9, from slot in Slot from offset in Offset from length in Length from seed in Seed select (Op)new Write(slot, offset, length, seed)),
        (5, from slot in Slot from offset in Offset from length in Length select (Op)new Read(slot, offset, length)),
        (2, from slot in Slot from size in Offset select (Op)new TruncateHandle(slot, size)),
        (2, from path in Path from size in Offset select (Op)new TruncatePath(path, size)),
        (1, from slot in Slot select (Op)new Fsync(slot)),
        (6, from source in Path from target in Path from kind in Gen.Elements(RenameKind.Replace, RenameKind.Replace, RenameKind.NoReplace, RenameKind.Exchange) select (Op)new Rename(source, target, kind)),
        (2, from source in DirectoryPath from target in DirectoryPath from kind in Gen.Elements(RenameKind.Replace, RenameKind.Exchange) select (Op)new Rename(source, target, kind)),
        (3, from path in Path select (Op)new Unlink(path)),
        (4, from path in DirectoryPath from permissions in Gen.Elements<uint>(0b111_101_101, 0b111_000_000) select (Op)new MakeDirectory(path, permissions)),
        (2, from path in DirectoryPath select (Op)new RemoveDirectory(path)),
        (1, from path in Path from number in Gen.Choose(0, 9) select (Op)new MakeLink(path, $"no/where/{number}")),
        (1, from path in Path select (Op)new ReadLink(path)),
        (2, from path in Path from permissions in Gen.Elements(Modes) select (Op)new ChangeMode(path, permissions)),
        (2, from path in Path from time in Gen.Choose(-1_000_000, 2_000_000_000) from rest in Gen.Choose(0, 999_999_999) select (Op)new ChangeTime(path, (time * 1_000_000_000L) + rest)),
        (3, from path in Path select (Op)new Stat(path)),
        (2, from path in Gen.Frequency((1, Gen.Constant("")), (2, DirectoryPath), (1, Path)) select (Op)new ReadDirectory(path)));

    /// <summary>Copies between files and questions for holes: where a file system has no answer of its own, the kernel has one.</summary>
    public static Gen<Op> Ranges { get; } = Gen.Frequency(
        (1, from slot in Slot from kind in Gen.Elements(Enum.GetValues<SeekKind>()) from offset in Offset select (Op)new Seek(slot, kind, offset)),
        (1, from source in Slot from at in Offset from target in Slot from to in Offset from length in Length select (Op)new CopyRange(source, at, target, to, length)));

    public static Gen<Op> Allocations { get; } =
        from slot in Slot from kind in Gen.Elements(Enum.GetValues<AllocateKind>()) from offset in Offset from length in Length select (Op)new Allocate(slot, kind, offset, length);

    public static Gen<Op> Attributes { get; } = Gen.Frequency(
        (2, from path in Path from name in Gen.Elements(AttributeNames) from seed in Seed from length in Gen.Choose(0, 60) select (Op)new SetAttribute(path, name, seed, length)),
        (2, from path in Path from name in Gen.Elements(AttributeNames) select (Op)new GetAttribute(path, name)),
        (1, from path in Path from name in Gen.Elements(AttributeNames) select (Op)new RemoveAttribute(path, name)));

    /// <summary>What happens to a drive whose transfer runs only when it is told to.</summary>
    public static Gen<Op> SteppedEvents { get; } = Gen.Frequency(
        (4, Gen.Constant((Op)new Publish())),
        (3, from calls in Gen.Choose(1, 12) select (Op)new Work(calls)),
        (1, Gen.Constant((Op)new Restart())),
        (2, Gen.Constant((Op)new Kill())),
        (1, Gen.Constant((Op)new Evict())),
        (1, from seed in Gen.Choose(0, 99) select (Op)new Faults(seed % 2 == 0 ? 0 : seed)),
        (2, from path in Path from length in Length from seed in Seed select (Op)new RemotePut(path, length, seed)),
        (6, from path in Path select (Op)new RemoteDelete(path)),
        (2, from path in Path from length in Length from seed in Seed select (Op)new Contest(path, length, seed)));

    /// <summary>What happens to a drive that is mounted and sends all the time.</summary>
    public static Gen<Op> MountedEvents { get; } = Gen.Frequency(
        (6, Gen.Constant((Op)new Publish())),
        (1, Gen.Constant((Op)new Kill())),
        (1, Gen.Constant((Op)new Restart())),
        (2, from seed in Gen.Choose(0, 99) select (Op)new Faults(seed % 2 == 0 ? 0 : seed)),
        (2, from path in Path from length in Length from seed in Seed select (Op)new Contest(path, length, seed)));

    /// <summary>Scripts of a fixed length: those that grow with FsCheck's size stay too small for much to meet.</summary>
    public static Arbitrary<Script> Scripts(int length, params (int Weight, Gen<Op> Op)[] ops) =>
        Arb.From(Gen.Frequency(ops).ListOf(length).Select(list => new Script([.. list])), script => script.Shrink());
}
