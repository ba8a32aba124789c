using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux.Protocol;

/// <summary>The only reader of a request's bytes: takes them from the front and checks every length.</summary>
/// <param name="body">What follows fuse_in_header.</param>
internal ref struct RequestReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    /// <summary>Bytes not taken yet.</summary>
    public readonly int Remaining => _rest.Length;

    /// <summary>Takes a struct.</summary>
    /// <exception cref="FuseProtocolException">The request is too short.</exception>
    public T Read<T>()
        where T : unmanaged
    {
        var size = Unsafe.SizeOf<T>();
        if (_rest.Length < size) throw new FuseProtocolException($"{typeof(T).Name} needs {size} bytes, the request has {_rest.Length}.");
        var value = MemoryMarshal.Read<T>(_rest);
        _rest = _rest[size..];
        return value;
    }

    /// <summary>Takes the name of a directory entry: any bytes, see <see cref="NameBytes"/>.</summary>
    /// <returns>0, EILSEQ when its text is the name of other bytes, ENAMETOOLONG beyond 255 bytes.</returns>
    /// <exception cref="FuseProtocolException">The zero byte is missing.</exception>
    public Errno ReadName(out string name)
    {
        name = "";
        var bytes = ReadBytes();
        if (bytes.Length > FuseProtocol.MaxNameBytes) return Errno.ENAMETOOLONG;
        return NameBytes.TryGetName(bytes, out name) ? Errno.None : Errno.EILSEQ;
    }

    /// <summary>Takes the name of an extended attribute.</summary>
    /// <returns>0, EILSEQ when it is not UTF-8, ENAMETOOLONG beyond 255 bytes.</returns>
    /// <exception cref="FuseProtocolException">The zero byte is missing.</exception>
    public Errno ReadAttributeName(out string name) => ReadText(FuseProtocol.MaxNameBytes, out name);

    /// <summary>Takes a zero-terminated UTF-8 string.</summary>
    /// <returns>0, EILSEQ when it is not UTF-8, ENAMETOOLONG when it is longer than <paramref name="maxBytes"/>.</returns>
    /// <exception cref="FuseProtocolException">The zero byte is missing.</exception>
    public Errno ReadText(int maxBytes, out string text)
    {
        text = "";
        var bytes = ReadBytes();
        if (bytes.Length > maxBytes) return Errno.ENAMETOOLONG;
        if (!Utf8.IsValid(bytes)) return Errno.EILSEQ;
        text = Encoding.UTF8.GetString(bytes);
        return Errno.None;
    }

    /// <summary>Takes bytes.</summary>
    /// <exception cref="FuseProtocolException">The request is too short.</exception>
    public ReadOnlySpan<byte> ReadBytes(uint length)
    {
        if (_rest.Length < length) throw new FuseProtocolException($"{length} bytes are announced, the request has {_rest.Length}.");
        var bytes = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return bytes;
    }

    private ReadOnlySpan<byte> ReadBytes()
    {
        var length = _rest.IndexOf((byte)0);
        if (length < 0) throw new FuseProtocolException("A string has no end.");
        var bytes = _rest[..length];
        _rest = _rest[(length + 1)..];
        return bytes;
    }
}
