using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux.Tests.Doubles;

/// <summary>The adapter without a kernel: requests go in as bytes and come out as bytes.</summary>
internal sealed class AdapterRig
{
    private ulong _unique = 100;

    public AdapterRig(TimeSpan negativeCache = default, bool directWrites = false)
    {
        Requests = new RequestPool(Channel, 64, 64);
        Adapter = new LinuxFileSystem(
            FileSystem, Requests, new LinuxFileSystemSettings(negativeCache, directWrites), NullLogger.Instance, TimeProvider.System);
    }

    public MemoryFileSystem FileSystem { get; } = new();

    public RecordingChannel Channel { get; } = new();

    public RequestPool Requests { get; }

    public LinuxFileSystem Adapter { get; }

    public static byte[] Bytes<T>(in T value)
        where T : unmanaged
    {
        var bytes = new byte[Unsafe.SizeOf<T>()];
        MemoryMarshal.Write(bytes, value);
        return bytes;
    }

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text + '\0');

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];

    public ulong NextUnique() => ++_unique;

    public FuseRequest Begin(FuseOpcode opcode, ulong node, byte[] body, ulong unique = 0, uint pid = 0)
    {
        var request = Requests.Rent();
        var header = new fuse_in_header
        {
            len = (uint)(FuseProtocol.InHeaderSize + body.Length),
            opcode = (uint)opcode,
            unique = unique == 0 ? NextUnique() : unique,
            nodeid = node,
            uid = 1000,
            gid = 1001,
            pid = pid,
        };
        Join(Bytes(header), body).CopyTo(request.Buffer);
        request.Begin((int)header.len);
        return request;
    }

    /// <summary>Handles a request; whether the call completed at once.</summary>
    public bool Run(FuseRequest request)
    {
        var work = Adapter.HandleAsync(request);
        return work.IsCompletedSuccessfully;
    }

    /// <summary>Sends a request that is answered at once.</summary>
    public Reply Send(FuseOpcode opcode, ulong node, params byte[][] body)
    {
        var request = Begin(opcode, node, Join(body));
        Assert.True(Run(request), $"{opcode} was not answered at once");
        Requests.Return(request);
        return Channel.Take();
    }

    /// <summary>Sends a request that has no answer.</summary>
    public void Post(FuseOpcode opcode, ulong node, params byte[][] body)
    {
        var request = Begin(opcode, node, Join(body));
        Assert.True(Run(request));
        Requests.Return(request);
        Assert.Empty(Channel.Messages);
    }

    public (ulong Node, ulong Handle) Create(string name, uint flags = 2)
    {
        var reply = Send(FuseOpcode.Create, 1, Bytes(new fuse_create_in { flags = flags, mode = 0x81A4 }), Text(name)).As<fuse_create_out>();
        return (reply.entry.nodeid, reply.open.fh);
    }

    public Reply Write(ulong handle, long offset, byte[] data, uint flags = 0) => Send(
        FuseOpcode.Write,
        1,
        Bytes(new fuse_write_in { fh = handle, offset = (ulong)offset, size = (uint)data.Length, write_flags = flags }),
        data);
}

/// <summary>A reply, taken apart.</summary>
internal sealed record Reply(int Error, ulong Unique, byte[] Payload)
{
    public Errno Errno => (Errno)(-Error);

    public T As<T>()
        where T : unmanaged
    {
        Assert.Equal(0, Error);
        Assert.Equal(Unsafe.SizeOf<T>(), Payload.Length);
        return MemoryMarshal.Read<T>(Payload);
    }
}

/// <summary>Keeps what would have gone to the kernel.</summary>
internal sealed class RecordingChannel : IFuseChannel
{
    public ConcurrentQueue<byte[]> Messages { get; } = new();

    /// <summary>Signalled with each message.</summary>
    public SemaphoreSlim Sent { get; } = new(0);

    /// <summary>What the kernel answers.</summary>
    public Errno Answer { get; set; }

    /// <summary>Count only, for tests of allocation.</summary>
    public bool Discard { get; set; }

    public Errno Send(ReadOnlySpan<byte> message)
    {
        if (Discard) return Answer;
        Messages.Enqueue(message.ToArray());
        Sent.Release();
        return Answer;
    }

    public Reply Take()
    {
        Assert.True(Messages.TryDequeue(out var message), "nothing was sent");
        Assert.Equal(message.Length, BinaryPrimitives.ReadInt32LittleEndian(message));
        return new Reply(
            BinaryPrimitives.ReadInt32LittleEndian(message.AsSpan(4)), BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(8)), message[16..]);
    }
}
