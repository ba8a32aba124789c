using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows.Tests.Driver;

/// <summary>The library's exports, in this process: what the adapter calls. What calls the adapter is <see cref="FakeDriver"/>.</summary>
internal sealed unsafe class FakeWinFsp : IDisposable
{
    private static readonly ConcurrentDictionary<nint, FakeWinFsp> ByFileSystem = new();

    [ThreadStatic]
    private static FakeWinFsp? _starting;

    [ThreadStatic]
    private static OperationContext* _context;

    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<TransactResponse>> _pending = new();
    private long _lastHint;

    public FakeWinFsp() => _starting = this;

    /// <summary>What FspVersion tells.</summary>
    public uint VersionNumber { get; init; } = 2 << 16 | 2;

    /// <summary>What was called, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Statuses by the name of the call that fails.</summary>
    public Dictionary<string, int> Failures { get; } = [];

    public FspFileSystem* FileSystem { get; private set; }

    public VolumeParams* Volume { get; private set; }

    public FspInterface* Table { get; private set; }

    public int PendingCount => _pending.Count;

    public static FspApi Api() => new()
    {
        Version = &Version,
        Preflight = &Preflight,
        Create = &Create,
        Delete = &Delete,
        SetMountPoint = &SetMountPoint,
        StartDispatcher = &StartDispatcher,
        StopDispatcher = &StopDispatcher,
        SendResponse = &SendResponse,
        GetOperationContext = &GetOperationContext,
        AddDirInfo = &AddDirInfo,
    };

    /// <summary>Says which request the calls of this thread are about from now on. Its late answer, if one comes.</summary>
    public Task<TransactResponse> Begin(uint kind, out ulong hint)
    {
        hint = (ulong)Interlocked.Increment(ref _lastHint);
        if (_context is null)
        {
            _context = (OperationContext*)NativeMemory.AllocZeroed((nuint)sizeof(OperationContext));
            _context->Request = (TransactRequest*)NativeMemory.AllocZeroed((nuint)sizeof(TransactRequest));
        }

        *_context->Request = new TransactRequest { Size = (ushort)sizeof(TransactRequest), Kind = kind, Hint = hint };
        return _pending.GetOrAdd(hint, static _ => new TaskCompletionSource<TransactResponse>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
    }

    /// <summary>As <see cref="Begin"/> of a request that is answered at once: without memory of its own.</summary>
    public void BeginQuick(uint kind)
    {
        if (_context is null) End(BeginAndForget(kind));
        _context->Request->Kind = kind;
    }

    public void End(ulong hint) => _pending.TryRemove(hint, out _);

    public void Dispose()
    {
        if (FileSystem is null) return;
        ByFileSystem.TryRemove((nint)FileSystem, out _);
        if (FileSystem->MountPoint is not null) NativeMemory.Free(FileSystem->MountPoint);
        NativeMemory.Free(FileSystem);
        FileSystem = null;
    }

    private static FakeWinFsp Of(FspFileSystem* fs) => ByFileSystem[(nint)fs];

    private ulong BeginAndForget(uint kind)
    {
        Begin(kind, out var hint);
        return hint;
    }

    private int Called(string name, string argument = "")
    {
        Calls.Enqueue(argument.Length == 0 ? name : $"{name} {argument}");
        return Failures.GetValueOrDefault(name);
    }

    private static string Text(char* text) => text is null ? "null" : new string(text);

    [UnmanagedCallersOnly]
    private static int Version(uint* version)
    {
        *version = _starting!.VersionNumber;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Preflight(char* device, char* mountPoint) => _starting!.Called(nameof(Preflight), $"{Text(device)} {Text(mountPoint)}");

    [UnmanagedCallersOnly]
    private static int Create(char* device, VolumeParams* volume, FspInterface* table, FspFileSystem** created)
    {
        var self = _starting!;
        if (self.Called(nameof(Create), Text(device)) is < 0 and var status) return status;
        var fs = (FspFileSystem*)NativeMemory.AllocZeroed((nuint)sizeof(FspFileSystem));
        self.FileSystem = fs;
        self.Volume = volume;
        self.Table = table;
        ByFileSystem[(nint)fs] = self;
        *created = fs;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int SetMountPoint(FspFileSystem* fs, char* mountPoint)
    {
        if (Of(fs).Called(nameof(SetMountPoint), Text(mountPoint)) is < 0 and var status) return status;
        var name = mountPoint is null ? "Z:" : new string(mountPoint);
        fs->MountPoint = (char*)NativeMemory.AllocZeroed((nuint)((name.Length + 1) * sizeof(char)));
        name.CopyTo(new Span<char>(fs->MountPoint, name.Length));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int StartDispatcher(FspFileSystem* fs, uint threads) => Of(fs).Called(nameof(StartDispatcher), $"{threads}");

    [UnmanagedCallersOnly]
    private static void StopDispatcher(FspFileSystem* fs)
    {
        Of(fs).Called(nameof(StopDispatcher));
        Of(fs).Table->DispatcherStopped(fs, 1);
    }

    [UnmanagedCallersOnly]
    private static void Delete(FspFileSystem* fs)
    {
        var self = Of(fs);
        self.Called(nameof(Delete));
        self.Dispose();
    }

    [UnmanagedCallersOnly]
    private static void SendResponse(FspFileSystem* fs, TransactResponse* response)
    {
        var self = Of(fs);
        self.Called(nameof(SendResponse));
        if (response->Size != TransactResponse.Length) throw new InvalidOperationException("wrong size");
        if (self._pending.TryRemove(response->Hint, out var waiting)) waiting.SetResult(*response);
    }

    [UnmanagedCallersOnly]
    private static OperationContext* GetOperationContext() => _context;

    [UnmanagedCallersOnly]
    private static byte AddDirInfo(DirInfo* info, byte* buffer, uint length, uint* done)
    {
        const uint Alignment = 8;
        if (info is null)
        {
            if (*done + sizeof(ushort) > length) return 0;
            *(ushort*)(buffer + *done) = 0;
            *done += sizeof(ushort);
            return 1;
        }

        var size = (info->Size + Alignment - 1) / Alignment * Alignment;
        if (*done + size > length) return 0;
        new Span<byte>(info, info->Size).CopyTo(new Span<byte>(buffer + *done, info->Size));
        *done += size;
        return 1;
    }
}
