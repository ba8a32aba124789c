using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Protocol;

namespace SyncAgent.Fs.Linux.Session;

/// <summary>
/// One request under way, pooled. Request and reply share one pinned buffer: everything but a WRITE's data is decoded before the
/// call, and a WRITE's reply begins only when the data has been used. So a READ is read straight into its reply.
/// <para>Lock: <c>_lock</c> guards which kernel request this object stands for, against an INTERRUPT that arrives late.</para>
/// </summary>
internal sealed class FuseRequest
{
    private const int PageSize = 4096;

    private readonly Lock _lock = new();
    private readonly IFuseChannel _channel;
    private readonly byte[] _buffer;
    private readonly int _start;
    private ulong _unique;
    private bool _interrupted;
    private int _length;

    /// <summary>Allocates the buffer: <see cref="FuseProtocol.MaxTransfer"/> and a page for headers.</summary>
    public FuseRequest(IFuseChannel channel)
    {
        _channel = channel;
        _buffer = GC.AllocateUninitializedArray<byte>(FuseProtocol.MaxTransfer + (3 * PageSize), pinned: true);

        // A WRITE's data lands on a page boundary.
        var address = (long)Marshal.UnsafeAddrOfPinnedArrayElement(_buffer, 0);
        _start = (int)((PageSize - ((address + FuseProtocol.WriteDataOffset) % PageSize)) % PageSize);
    }

    /// <summary>Who asks. Replaced, not reset, after an interrupt, so that a late one cannot hit the next request.</summary>
    public OpContext Context { get; private set; } = new();

    /// <summary>The decoded head.</summary>
    public fuse_in_header Header { get; private set; }

    /// <summary>The operation.</summary>
    public FuseOpcode Opcode => (FuseOpcode)Header.opcode;

    /// <summary>Whether an answer was sent.</summary>
    public bool Answered { get; private set; }

    /// <summary>The whole buffer, for the next request to be read into.</summary>
    public Span<byte> Buffer => _buffer.AsSpan(_start, FuseProtocol.MaxTransfer + PageSize);

    /// <summary>The node that the request is about, in the kernel's numbering.</summary>
    public ulong KernelNode => Header.nodeid;

    /// <summary>Takes the <paramref name="length"/> bytes that are in <see cref="Buffer"/> as a request.</summary>
    /// <exception cref="FuseProtocolException">They are not one.</exception>
    public void Begin(int length)
    {
        var header = new RequestReader(Buffer[..length]).Read<fuse_in_header>();
        if (header.len != length) throw new FuseProtocolException($"A request of {header.len} bytes came as {length}.");
        Header = header;
        _length = length;
        Answered = false;
        Context.Reset(header.uid, header.gid, header.pid);
        lock (_lock) _unique = header.unique;
    }

    /// <summary>The request is over: the object stands for nothing until the next <see cref="Begin"/>.</summary>
    public void End()
    {
        lock (_lock)
        {
            _unique = 0;
            if (!_interrupted) return;
            _interrupted = false;
            Context = new OpContext();
        }
    }

    /// <summary>Whether this object stands for the kernel's request <paramref name="unique"/>, and whose it is.</summary>
    public bool IsFor(ulong unique, out uint callerThread)
    {
        lock (_lock)
        {
            callerThread = Context.Pid;
            return _unique == unique;
        }
    }

    /// <summary>Tells the call that nobody waits any more, if this object still stands for <paramref name="unique"/>
    /// (0: for whatever it stands for).</summary>
    public void Interrupt(ulong unique = 0)
    {
        OpContext context;
        lock (_lock)
        {
            if (_unique == 0 || (unique != 0 && _unique != unique)) return;
            _interrupted = true;
            context = Context;
        }

        // Outside the lock: cancellation runs other people's code.
        context.Interrupt();
    }

    /// <summary>A reader of what follows the head.</summary>
    public RequestReader Body() => new(Buffer[FuseProtocol.InHeaderSize.._length]);

    /// <summary>A WRITE's data.</summary>
    /// <exception cref="FuseProtocolException">The request is shorter than it says.</exception>
    public ReadOnlyMemory<byte> WriteData(uint size)
    {
        if (size > _length - FuseProtocol.WriteDataOffset)
            throw new FuseProtocolException($"A WRITE of {size} bytes came with {_length - FuseProtocol.WriteDataOffset}.");
        return _buffer.AsMemory(_start + FuseProtocol.WriteDataOffset, (int)size);
    }

    /// <summary>Where the payload of the reply goes; at most <see cref="FuseProtocol.MaxTransfer"/> bytes are given.</summary>
    public Memory<byte> Payload(uint size) =>
        _buffer.AsMemory(_start + FuseProtocol.OutHeaderSize, (int)Math.Min(size, FuseProtocol.MaxTransfer));

    /// <summary>Answers with success and nothing else.</summary>
    public bool Reply() => Send(Errno.None, 0);

    /// <summary>Answers with an error.</summary>
    public bool Reply(Errno error) => Send(error, 0);

    /// <summary>Answers with a struct. False when the kernel no longer wants it: what was given out must be taken back.</summary>
    public bool Reply<T>(in T payload)
        where T : unmanaged
    {
        MemoryMarshal.Write(Buffer[FuseProtocol.OutHeaderSize..], payload);
        return Send(Errno.None, Unsafe.SizeOf<T>());
    }

    /// <summary>Answers with the first bytes of <see cref="Payload"/>.</summary>
    public bool ReplyPayload(int length) => Send(Errno.None, length);

    private bool Send(Errno error, int payload)
    {
        Answered = true;
        var head = new fuse_out_header
        {
            len = (uint)(FuseProtocol.OutHeaderSize + payload),
            error = -(int)error,
            unique = Header.unique,
        };
        MemoryMarshal.Write(Buffer, head);
        return _channel.Send(Buffer[..(FuseProtocol.OutHeaderSize + payload)]) == Errno.None;
    }
}
