using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Agent.Hosting.DBus;

/// <summary>MESSAGE_TYPE of the specification.</summary>
internal enum DBusMessageType : byte
{
    /// <summary>A call.</summary>
    MethodCall = 1,

    /// <summary>Its answer.</summary>
    MethodReturn = 2,

    /// <summary>Its failure.</summary>
    Error = 3,

    /// <summary>A signal.</summary>
    Signal = 4,
}

/// <summary>A message, as far as this program looks at one.</summary>
internal sealed record DBusMessage
{
    /// <summary>Bytes of the header that say how long the rest is.</summary>
    public const int FixedHeader = 16;

    /// <summary>What we are sent is short; the specification would allow 128 MiB.</summary>
    private const uint MaxLength = 1 << 20;

    private const byte ReplySerialField = 5;

    /// <summary>What it is.</summary>
    public required DBusMessageType Type { get; init; }

    /// <summary>Of a reply: to which call.</summary>
    public uint ReplySerial { get; init; }

    /// <summary>Its string fields by their code: 1 path, 2 interface, 3 member, 4 error name, 6 destination, 7 sender.</summary>
    public IReadOnlyDictionary<byte, string> Fields { get; init; } = new Dictionary<byte, string>();

    /// <summary>The arguments.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Descriptors that came with it; whoever takes the message closes them.</summary>
    public IReadOnlyList<SafeFileHandle> Descriptors { get; init; } = [];

    /// <summary>Byte order of the body.</summary>
    public bool LittleEndian { get; init; } = true;

    /// <summary>Name of the method or signal.</summary>
    public string Member => Fields.GetValueOrDefault((byte)3, "");

    /// <summary>Its interface.</summary>
    public string Interface => Fields.GetValueOrDefault((byte)2, "");

    /// <summary>Reads the arguments.</summary>
    public DBusReader Read() => new(Body.Span, LittleEndian);

    /// <summary>A call in bytes.</summary>
    public static byte[] Call(uint serial, string destination, string path, string @interface, string member, string signature, ReadOnlySpan<byte> body)
    {
        var fields = new DBusWriter();
        Write(1, "o", path);
        Write(2, "s", @interface);
        Write(3, "s", member);
        Write(6, "s", destination);
        if (signature.Length > 0)
        {
            fields.Align(8);
            fields.WriteByte(8);
            fields.WriteSignature("g");
            fields.WriteSignature(signature);
        }

        var message = new DBusWriter();
        message.WriteByte((byte)'l');
        message.WriteByte((byte)DBusMessageType.MethodCall);
        message.WriteByte(0); // flags
        message.WriteByte(1); // version of the protocol
        message.WriteUInt32((uint)body.Length);
        message.WriteUInt32(serial);
        message.WriteUInt32((uint)fields.Written.Length);
        // 16 bytes are written, so the fields keep their alignment.
        foreach (var value in fields.Written.Span) message.WriteByte(value);
        message.Align(8);
        return [.. message.Written.Span, .. body];

        void Write(byte code, string type, string value)
        {
            fields.Align(8);
            fields.WriteByte(code);
            fields.WriteSignature(type);
            fields.WriteString(value);
        }
    }

    /// <summary>How many bytes follow the fixed part of a header.</summary>
    public static int LengthAfter(ReadOnlySpan<byte> header)
    {
        if (header[0] is not ((byte)'l' or (byte)'B') || header[3] != 1) throw new DBusException("the bus speaks another protocol");
        var reader = new DBusReader(header, header[0] == 'l');
        reader.ReadUInt32();
        var body = reader.ReadUInt32();
        reader.ReadUInt32();
        var fields = reader.ReadUInt32();
        if (body > MaxLength || fields > MaxLength) throw new DBusException("a message of the bus is too long");
        return (int)(((fields + 7) & ~7u) + body);
    }

    /// <summary>Reads a whole message.</summary>
    public static DBusMessage Parse(byte[] bytes, IReadOnlyList<SafeFileHandle> descriptors)
    {
        var little = bytes[0] == 'l';
        var header = new DBusReader(bytes, little);
        header.ReadUInt32();
        var body = (int)header.ReadUInt32();
        header.ReadUInt32();
        var end = FixedHeader + (int)header.ReadUInt32();
        var fields = new Dictionary<byte, string>();
        uint replySerial = 0;
        var reader = new DBusReader(bytes.AsSpan(0, end), little);
        for (var i = 0; i < FixedHeader / sizeof(uint); i++) reader.ReadUInt32();
        while (!reader.IsAtEnd)
        {
            reader.Align(8);
            if (reader.IsAtEnd) break;
            var code = reader.ReadByte();
            switch (reader.ReadSignature())
            {
                case "s" or "o":
                    fields[code] = reader.ReadString();
                    break;
                case "g":
                    reader.ReadSignature();
                    break;
                case "u" when code == ReplySerialField:
                    replySerial = reader.ReadUInt32();
                    break;
                case "u":
                    reader.ReadUInt32();
                    break;
                case var type:
                    throw new DBusException($"a header field of the bus has the unknown type {type}");
            }
        }

        return new DBusMessage
        {
            Type = (DBusMessageType)bytes[1],
            ReplySerial = replySerial,
            Fields = fields,
            Body = bytes.AsMemory(bytes.Length - body),
            Descriptors = descriptors,
            LittleEndian = little,
        };
    }
}
