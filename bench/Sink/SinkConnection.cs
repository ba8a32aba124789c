using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace SyncAgent.Bench.Sink;

/// <summary>One connection of HTTP/1.1 with kept-alive requests.</summary>
internal sealed class SinkConnection(Socket socket, Wire? wire) : IDisposable
{
    private const int BufferSize = 1 << 20;

    private static readonly ConcurrentDictionary<string, long> Sizes = new();

    private readonly byte[] _buffer = new byte[BufferSize];
    private int _start;
    private int _end;

    /// <summary>Answers a request.</summary>
    /// <returns>False when the client has closed.</returns>
    public bool ServeOne()
    {
        if (ReadHead() is not { } head) return false;
        var lines = head.Split("\r\n");
        var request = lines[0].Split(' ');
        string? Header(string name) => lines.Skip(1)
            .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

        if (Header("expect") is not null) Send("HTTP/1.1 100 Continue\r\n\r\n");
        var length = Header("transfer-encoding") is not null ? DiscardChunks() : Discard(long.Parse(Header("content-length") ?? "0", CultureInfo.InvariantCulture));
        var path = request[1].Split('?')[0];
        Answer(request[0], path, request[1].Contains('?', StringComparison.Ordinal) ? request[1].Split('?', 2)[1] : "", length);
        return true;
    }

    public void Dispose() => socket.Dispose();

    private void Answer(string method, string path, string query, long length)
    {
        switch (method)
        {
            case "POST" when query.StartsWith("uploads", StringComparison.Ordinal):
                Reply(200, "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>sink</UploadId></InitiateMultipartUploadResult>");
                break;
            case "POST":
                Reply(200, "<CompleteMultipartUploadResult><Location>l</Location><Bucket>b</Bucket><Key>k</Key><ETag>\"sink-1\"</ETag></CompleteMultipartUploadResult>");
                break;
            case "PUT":
                Sizes.AddOrUpdate(path, length, (_, before) => query.Contains("partNumber", StringComparison.Ordinal) ? before + length : length);
                Reply(200, "", "ETag: \"sink\"\r\n");
                break;
            case "HEAD" when Sizes.TryGetValue(path, out var size):
                Send($"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nETag: \"sink-1\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nx-oss-request-id: sink\r\n\r\n");
                break;
            case "HEAD":
                Send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nx-oss-request-id: sink\r\n\r\n");
                break;
            case "DELETE":
                Sizes.TryRemove(path, out _);
                Reply(204, "");
                break;
            default:
                Reply(200, "<ListBucketResult><Name>b</Name><Prefix></Prefix><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>");
                break;
        }
    }

    private void Reply(int status, string body, string headers = "") => Send(
        $"HTTP/1.1 {status} OK\r\nContent-Type: application/xml\r\nContent-Length: {body.Length}\r\nx-oss-request-id: sink\r\n{headers}\r\n{body}");

    private void Send(string text)
    {
        ReadOnlySpan<byte> left = Encoding.ASCII.GetBytes(text);
        while (!left.IsEmpty) left = left[socket.Send(left)..];
    }

    private string? ReadHead()
    {
        while (true)
        {
            var at = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8);
            if (at >= 0)
            {
                var head = Encoding.ASCII.GetString(_buffer, _start, at);
                _start += at + 4;
                return head;
            }

            if (!Fill()) return null;
        }
    }

    private long Discard(long length)
    {
        var left = length;
        var here = (int)Math.Min(left, _end - _start);
        _start += here;
        left -= here;
        while (left > 0)
        {
            var got = socket.Receive(_buffer, 0, (int)Math.Min(left, BufferSize), SocketFlags.None);
            if (got == 0) throw new SocketException((int)SocketError.ConnectionReset);
            left -= got;
            wire?.Pass(got);
        }

        return length;
    }

    private long DiscardChunks()
    {
        long all = 0;
        while (true)
        {
            var size = long.Parse(ReadLine().Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) break;
            all += Discard(size);
            ReadLine();
        }

        while (ReadLine().Length > 0)
        {
        }

        return all;
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
        wire?.Pass(got);
        _end += got;
        return got > 0;
    }
}
