namespace SyncAgent.Model.Tests.Operations;

/// <summary>How a file is opened: the flags of open(2). O_NOFOLLOW and O_CLOEXEC are always set.</summary>
[Flags]
internal enum OpenMode
{
    Read = 1,
    Write = 2,
    Create = 4,
    Exclusive = 8,
    Truncate = 16,
    Append = 32,
}

/// <summary>Flags of renameat2(2).</summary>
internal enum RenameKind
{
    Replace = 0,
    NoReplace = 1,
    Exchange = 2,
}

/// <summary>Flags of fallocate(2).</summary>
internal enum AllocateKind
{
    Extend = 0,
    KeepSize = 1,
    PunchHole = 3,
    ZeroRange = 16,
}

/// <summary>Whence of lseek(2).</summary>
internal enum SeekKind
{
    Data = 3,
    Hole = 4,
}

/// <summary>A step of a script. Says nothing about the state that it meets: any step may come at any time, so scripts shrink freely.</summary>
internal abstract record Op;

/// <summary>A system call. Paths are below the root of whatever is tested; a slot holds one descriptor.</summary>
internal abstract record Call : Op;

/// <summary>Opens into a slot; what it held before is closed first.</summary>
internal sealed record Open(int Slot, string Path, OpenMode Mode, uint Permissions) : Call;

internal sealed record Close(int Slot) : Call;

internal sealed record Write(int Slot, int Offset, int Length, int Seed) : Call;

internal sealed record Read(int Slot, int Offset, int Length) : Call;

internal sealed record TruncateHandle(int Slot, int Size) : Call;

internal sealed record TruncatePath(string Path, int Size) : Call;

internal sealed record Fsync(int Slot) : Call;

internal sealed record Rename(string From, string To, RenameKind Kind) : Call;

internal sealed record Unlink(string Path) : Call;

internal sealed record MakeDirectory(string Path, uint Permissions) : Call;

internal sealed record RemoveDirectory(string Path) : Call;

/// <summary>A link whose target leads nowhere, so that nothing follows it.</summary>
internal sealed record MakeLink(string Path, string Target) : Call;

internal sealed record ReadLink(string Path) : Call;

internal sealed record ChangeMode(string Path, uint Permissions) : Call;

/// <summary>Sets the modification time of a name itself, links included.</summary>
internal sealed record ChangeTime(string Path, long Nanoseconds) : Call;

internal sealed record Stat(string Path) : Call;

internal sealed record ReadDirectory(string Path) : Call;

internal sealed record Allocate(int Slot, AllocateKind Kind, int Offset, int Length) : Call;

internal sealed record Seek(int Slot, SeekKind Kind, int Offset) : Call;

internal sealed record CopyRange(int From, int FromOffset, int To, int ToOffset, int Length) : Call;

internal sealed record SetAttribute(string Path, string Name, int Seed, int Length) : Call;

internal sealed record GetAttribute(string Path, string Name) : Call;

internal sealed record RemoveAttribute(string Path, string Name) : Call;

/// <summary>Something that happens to the drive and not through it.</summary>
internal abstract record Event : Op;

/// <summary>Waits until everything has arrived in the bucket; while a file is being written, lets the transfer work for a while.</summary>
internal sealed record Publish : Event;

/// <summary>Lets the transfer make some calls of the store, and stops it there.</summary>
internal sealed record Work(int Calls) : Event;

/// <summary>Stops the agent and starts it again.</summary>
internal sealed record Restart : Event;

/// <summary>kill -9, and a start.</summary>
internal sealed record Kill : Event;

/// <summary>Gives all local copies of synced files back, and restarts.</summary>
internal sealed record Evict : Event;

/// <summary>The store's answers fail or get lost from now on, in some cases; 0 ends it.</summary>
internal sealed record Faults(int Seed) : Event;

/// <summary>Another client writes an object.</summary>
internal sealed record RemotePut(string Path, int Length, int Seed) : Event;

/// <summary>Another client deletes an object.</summary>
internal sealed record RemoteDelete(string Path) : Event;

/// <summary>Another client writes an object, and before the drive knows the user saves a file of that name.</summary>
internal sealed record Contest(string Path, int Length, int Seed) : Event;
