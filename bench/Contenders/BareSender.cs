using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace SyncAgent.Bench.Contenders;

/// <summary>Reads a file and sends it in parts, as PUT requests over plain sockets: no signature, no checksum, no checkpoint, and each part an object of its
/// own. What no client can be faster than, here.</summary>
internal static class BareSender
{
    private const int BufferSize = 256 << 10;

    public static async Task<int> RunAsync(string path, Uri url, long partSize, int parallel)
    {
        var size = new FileInfo(path).Length;
        var parts = new ConcurrentQueue<int>(Enumerable.Range(1, (int)((size + partSize - 1) / partSize)));
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(_ => Task.Run(() => Send(path, url, parts, partSize, size))));
        return 0;
    }

    private static void Send(string path, Uri url, ConcurrentQueue<int> parts, long partSize, long size)
    {
        using var file = File.OpenHandle(path);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(url.Host, url.Port);
        var buffer = new byte[BufferSize];
        while (parts.TryDequeue(out var number))
        {
            var (offset, end) = ((number - 1) * partSize, Math.Min(size, number * partSize));
            socket.Send(Encoding.ASCII.GetBytes($"PUT {url.AbsolutePath}.{number} HTTP/1.1\r\nHost: bench\r\nContent-Length: {end - offset}\r\n\r\n"));
            while (offset < end)
            {
                var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(BufferSize, end - offset)), offset);
                offset += read;
                for (ReadOnlySpan<byte> left = buffer.AsSpan(0, read); !left.IsEmpty;) left = left[socket.Send(left)..];
            }

            if (socket.Receive(buffer) == 0) throw new IOException("the server closed the connection");
        }
    }
}
