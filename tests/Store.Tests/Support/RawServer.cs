using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SyncAgent.Store.Tests;

/// <summary>A server without HTTP manners: each connection is handed to the test, which reads and writes as it likes.</summary>
public sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public RawServer(Func<RawConnection, Task> handle)
    {
        _listener.Start();
        _accepting = AcceptAsync(handle);
    }

    /// <summary>Head lines of every request that was read, in order of arrival.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<RawRequest> Requests { get; } = new();

    public string Url => $"http://{_listener.LocalEndpoint}";

    public CancellationToken Stopping => _stop.Token;

    /// <summary>Answers every request on every connection the same way.</summary>
    public static RawServer Answering(Func<RawRequest, string> answer) => new(async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request) await connection.WriteAsync(answer(request));
    });

    /// <summary>An answer with a body and its length.</summary>
    public static string Answer(string status, string body = "", params string[] headers) =>
        $"HTTP/1.1 {status}\r\n{string.Concat(headers.Select(h => h + "\r\n"))}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public static string Error(string status, string code, params string[] headers) =>
        Answer(status, $"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>words</Message><RequestId>R1</RequestId><EC>0001-1</EC></Error>", headers);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<RawConnection, Task> handle)
    {
        var running = new List<Task>();
        try
        {
            while (true) running.Add(RunAsync(handle, await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task RunAsync(Func<RawConnection, Task> handle, TcpClient client)
    {
        using (client)
        {
            try
            {
                await handle(new RawConnection(this, client));
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // The client hung up, or the test is over.
            }
        }
    }
}

public sealed record RawRequest(string Line, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Target => Line.Split(' ')[1];

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}

public sealed class RawConnection(RawServer server, TcpClient client)
{
    private readonly NetworkStream _stream = client.GetStream();

    public CancellationToken Stopping => server.Stopping;

    /// <summary>Reads one request with its body, or null when the client hung up before it.</summary>
    public async Task<RawRequest?> ReadRequestAsync()
    {
        var request = await ReadHeadAsync();
        if (request is null) return null;
        if (request.Header("Expect") is not null) await WriteAsync("HTTP/1.1 100 Continue\r\n\r\n");
        var body = new byte[int.Parse(request.Header("Content-Length") ?? "0")];
        await _stream.ReadExactlyAsync(body, server.Stopping);
        return request with { Body = body };
    }

    /// <summary>Reads the head of one request only.</summary>
    public async Task<RawRequest?> ReadHeadAsync()
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await _stream.ReadAsync(one, server.Stopping) == 0) return null;
            head.Add(one[0]);
        }

        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(h => h[0], h => h[1], StringComparer.OrdinalIgnoreCase);
        var request = new RawRequest(lines[0], headers, []);
        server.Requests.Enqueue(request);
        return request;
    }

    /// <summary>Reads until the client closes or this many bytes are there; gives how many came.</summary>
    public async Task<long> ReadAsync(long most)
    {
        var buffer = new byte[64 * 1024];
        long total = 0;
        try
        {
            for (int count; total < most && (count = await _stream.ReadAsync(buffer, server.Stopping)) > 0;) total += count;
        }
        catch (IOException)
        {
            // A reset is an end too.
        }

        return total;
    }

    public Task WriteAsync(string text) => _stream.WriteAsync(Encoding.UTF8.GetBytes(text), server.Stopping).AsTask();

    /// <summary>Keeps the connection open and silent until the test ends.</summary>
    public Task HangAsync() => Task.Delay(Timeout.Infinite, server.Stopping);
}
