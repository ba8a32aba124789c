using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace SyncAgent.Bench.Server;

/// <summary>One connection of HTTP/1.1 with kept-alive requests.</summary>
internal sealed class HttpConnection(Socket socket, Link link) : IDisposable
{
    private const int BufferSize = 256 << 10;

    /// <summary>What objects are read as: byte N of each is byte N, modulo the length, of this.</summary>
    private static readonly byte[] Pattern = MakePattern();

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;
    private long _consumed;

    /// <summary>The next request's head; null when the client has closed.</summary>
    public Request? Receive()
    {
        while (true)
        {
            var at = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8);
            if (at >= 0)
            {
                var head = Encoding.UTF8.GetString(_buffer, _start, at);
                _start += at + 4;
                return new Request(head);
            }

            if (!Fill()) return null;
        }
    }

    /// <summary>Reads the body and throws it away.</summary>
    /// <returns>Bytes of the content: without what chunks and their signatures add.</returns>
    public long Discard(Request request)
    {
        Consume(request, keep: null);
        return request.Header("x-amz-decoded-content-length") is { } decoded ? long.Parse(decoded, CultureInfo.InvariantCulture) : _consumed;
    }

    /// <summary>Reads a body that is wanted.</summary>
    public string ReadText(Request request)
    {
        var kept = new MemoryStream();
        Consume(request, kept);
        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length);
    }

    /// <summary>Answers with a short body.</summary>
    public void Reply(int status, string body = "", string headers = "", string type = "application/xml")
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Send(Encoding.UTF8.GetBytes($"{Head(status)}Content-Type: {type}\r\nContent-Length: {bytes.Length}\r\n{headers}\r\n{body}"));
    }

    /// <summary>Answers a HEAD, or a GET with a part of the pattern.</summary>
    public void ReplyWithObject(int status, string headers, long offset, long length, bool isHead)
    {
        Send(Encoding.UTF8.GetBytes($"{Head(status)}Content-Length: {length}\r\n{headers}\r\n"));
        while (!isHead && length > 0)
        {
            var at = (int)(offset % Pattern.Length);
            var count = (int)Math.Min(length, Math.Min(BufferSize, Pattern.Length - at));
            link.Pass(count);
            Send(Pattern.AsSpan(at, count));
            offset += count;
            length -= count;
        }
    }

    public void Dispose() => socket.Dispose();

    private static string Head(int status) => $"HTTP/1.1 {status} {(status < 300 ? "OK" : "Refused")}\r\nx-amz-request-id: bench\r\nx-oss-request-id: bench\r\n";

    private static byte[] MakePattern()
    {
        var bytes = new byte[1 << 20];
        new Random(7).NextBytes(bytes);
        return bytes;
    }

    private void Consume(Request request, MemoryStream? keep)
    {
        _consumed = 0;
        if (request.Header("expect") is not null) Send("HTTP/1.1 100 Continue\r\n\r\n"u8);
        if (request.Header("transfer-encoding") is null)
        {
            Consume(request.ContentLength, keep);
            return;
        }

        while (long.Parse(ReadLine().Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
        {
            Consume(size, keep);
            ReadLine();
        }

        while (ReadLine().Length > 0)
        {
        }
    }

    private void Consume(long length, MemoryStream? keep)
    {
        _consumed += length;
        while (length > 0)
        {
            if (_start == _end && !Fill()) throw new SocketException((int)SocketError.ConnectionReset);
            var count = (int)Math.Min(length, _end - _start);
            keep?.Write(_buffer, _start, count);
            _start += count;
            length -= count;
        }
    }

    private void Send(ReadOnlySpan<byte> left)
    {
        while (!left.IsEmpty) left = left[socket.Send(left)..];
    }

    private string ReadLine()
    {
        while (true)
        {
            var at = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (at >= 0)
            {
                var line = Encoding.ASCII.GetString(_buffer, _start, at);
                _start += at + 2;
                return line;
            }

            if (!Fill()) throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    private bool Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        var got = socket.Receive(_buffer, _end, BufferSize - _end, SocketFlags.None);
        link.Pass(got);
        _end += got;
        return got > 0;
    }
}
