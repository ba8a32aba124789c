using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace SyncAgent.Agent.Hosting.DBus;

/// <summary>Writes values as D-Bus lays them out (specification, "Marshaling"), little-endian: each is aligned to its size, counted from
/// the start of the message; a body starts at a multiple of 8, so it may be counted from its own start.</summary>
internal sealed class DBusWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);

    /// <summary>What was written so far.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    /// <summary>Type y.</summary>
    public void WriteByte(byte value) => _bytes.Write([value]);

    /// <summary>Type u.</summary>
    public void WriteUInt32(uint value)
    {
        Align(4);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.GetSpan(4), value);
        _bytes.Advance(4);
    }

    /// <summary>Types s and o.</summary>
    public void WriteString(string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        WriteUInt32((uint)bytes.Length);
        _bytes.Write(bytes);
        WriteByte(0);
    }

    /// <summary>Type g.</summary>
    public void WriteSignature(string value)
    {
        WriteByte((byte)value.Length);
        _bytes.Write(Encoding.ASCII.GetBytes(value));
        WriteByte(0);
    }

    /// <summary>Fills up with zeros to a multiple of <paramref name="size"/> bytes.</summary>
    public void Align(int size)
    {
        while (_bytes.WrittenCount % size != 0) WriteByte(0);
    }
}
