using System.Buffers.Binary;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>A message of protocol buffers, decoded only so far that its fields can be found: https://protobuf.dev/programming-guides/encoding/.</summary>
internal sealed class Protobuf
{
    private readonly List<(int Field, byte[] Bytes, ulong Number)> _fields = [];

    public Protobuf(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = ReadVarint(message, ref at);
            var (bytes, number) = ((byte[])[], 0UL);
            switch (key & 7)
            {
                case 0:
                    number = ReadVarint(message, ref at);
                    break;
                case 1:
                    number = BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at));
                    at += 8;
                    break;
                case 2:
                    var length = (int)ReadVarint(message, ref at);
                    bytes = message[at..(at + length)];
                    at += length;
                    break;
                case 5:
                    number = BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at));
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"wire type {key & 7}");
            }

            _fields.Add(((int)(key >> 3), bytes, number));
        }
    }

    public IEnumerable<Protobuf> Messages(int field) => _fields.Where(found => found.Field == field).Select(found => new Protobuf(found.Bytes));

    public string Text(int field) => string.Concat(_fields.Where(found => found.Field == field).Select(found => System.Text.Encoding.UTF8.GetString(found.Bytes)));

    public ulong Number(int field) => _fields.Single(found => found.Field == field).Number;

    private static ulong ReadVarint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }
    }
}
