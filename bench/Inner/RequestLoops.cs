using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using BenchmarkDotNet.Attributes;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux;
using SyncAgent.Fs.Linux.Protocol;

namespace SyncAgent.Inner;

/// <summary>What is done with the bytes of every request of the kernel.</summary>
public class RequestLoops
{
    private static readonly NodeAttributes Node = new(
        new NodeId(77), NodeKind.File, Size: 513, Mode: 0x1A4, Uid: 5, Gid: 6, AccessTime: 1_500_000_000, ModifyTime: 1_500_000_000, ChangeTime: 1_500_000_000, LinkCount: 1);

    private readonly byte[] _name = Encoding.UTF8.GetBytes("a file of ordinary length.txt\0");
    private readonly byte[] _write = new byte[Unsafe.SizeOf<fuse_write_in>()];
    private readonly byte[] _answer = new byte[Unsafe.SizeOf<fuse_entry_out>()];

    [Benchmark(Description = "reading the head of a WRITE")]
    public ulong ReadWriteHead() => new RequestReader(_write).Read<fuse_write_in>().offset;

    [Benchmark(Description = "reading a name")]
    public int ReadName()
    {
        var reader = new RequestReader(_name);
        return reader.ReadName(out var name) == Errno.None ? name.Length : -1;
    }

    [Benchmark(Description = "encoding the answer to a LOOKUP")]
    public void EncodeEntry() => MemoryMarshal.Write(_answer, AttributeEncoding.EncodeEntry(9, Node));
}
