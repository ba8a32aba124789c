using System.Buffers.Binary;
using System.Text;

namespace SyncAgent.Agent.Hosting.DBus;

/// <summary>Reads values as D-Bus lays them out, see <see cref="DBusWriter"/>. What does not fit is a <see cref="DBusException"/>.</summary>
internal ref struct DBusReader(ReadOnlySpan<byte> bytes, bool littleEndian)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Whether all was read.</summary>
    public readonly bool IsAtEnd => _at >= _bytes.Length;

    /// <summary>Type y.</summary>
    public byte ReadByte() => Take(1)[0];

    /// <summary>Types u and h.</summary>
    public uint ReadUInt32()
    {
        Align(4);
        var value = Take(4);
        return littleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(value) : BinaryPrimitives.ReadUInt32BigEndian(value);
    }

    /// <summary>Type b.</summary>
    public bool ReadBoolean() => ReadUInt32() != 0;

    /// <summary>Types s and o.</summary>
    public string ReadString()
    {
        var length = ReadUInt32();
        if (length > int.MaxValue - 1) throw new DBusException("a string is too long");
        var text = Encoding.UTF8.GetString(Take((int)length));
        Take(1);
        return text;
    }

    /// <summary>Type g.</summary>
    public string ReadSignature()
    {
        var text = Encoding.ASCII.GetString(Take(ReadByte()));
        Take(1);
        return text;
    }

    /// <summary>Goes to a multiple of <paramref name="size"/> bytes.</summary>
    public void Align(int size)
    {
        var over = _at % size;
        if (over != 0) Take(size - over);
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _bytes.Length - _at) throw new DBusException("a message ends too early");
        _at += length;
        return _bytes.Slice(_at - length, length);
    }
}
