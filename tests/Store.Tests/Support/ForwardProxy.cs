using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SyncAgent.Store.Tests;

/// <summary>A small forward proxy: CONNECT and absolute-form requests, one per connection. Whatever host is asked for, it knows
/// only one server.</summary>
internal sealed class ForwardProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _serverPort;
    private readonly string? _userAndPassword;
    private readonly Task _accepting;

    public ForwardProxy(int serverPort, string? userAndPassword = null)
    {
        _serverPort = serverPort;
        _userAndPassword = userAndPassword;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Host and port.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>First lines of the requests that were let through.</summary>
    public ConcurrentQueue<string> Passed { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true) running.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await RelayAsync(client.GetStream());
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // Somebody hung up, or the test is over.
            }
        }
    }

    private async Task RelayAsync(NetworkStream client)
    {
        while (await ReadHeadAsync(client) is { } head)
        {
            if (!MayPass(head))
            {
                await Write(client, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n");
                await SkipBodyAsync(client, head);
                continue;
            }

            Passed.Enqueue(head[0]);
            var words = head[0].Split(' ');
            using var server = new TcpClient();
            await server.ConnectAsync(IPAddress.Loopback, _serverPort, _stop.Token);
            var upstream = server.GetStream();
            if (words[0] == "CONNECT")
            {
                await Write(client, "HTTP/1.1 200 Connection established\r\n\r\n");
            }
            else
            {
                var target = words[1][words[1].IndexOf('/', "http://".Length)..];
                var kept = head.Skip(1).Where(line => !line.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase));
                await Write(upstream, $"{words[0]} {target} HTTP/1.1\r\n{string.Concat(kept.Select(line => line + "\r\n"))}Connection: close\r\n\r\n");
            }

            await Task.WhenAny(client.CopyToAsync(upstream, _stop.Token), upstream.CopyToAsync(client, _stop.Token));
            return;
        }
    }

    private bool MayPass(List<string> head) =>
        _userAndPassword is null
        || head.Contains($"Proxy-Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(_userAndPassword))}");

    // The body of a refused request that does not wait for the server's leave is already on its way.
    private async Task SkipBodyAsync(NetworkStream client, List<string> head)
    {
        if (head.Any(line => line.StartsWith("Expect:", StringComparison.OrdinalIgnoreCase))) return;
        var length = head.FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase));
        await client.ReadExactlyAsync(new byte[length is null ? 0 : int.Parse(length.Split(' ')[1])], _stop.Token);
    }

    private async Task<List<string>?> ReadHeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0) return null;
            head.Append((char)one[0]);
        }

        return [.. head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries)];
    }

    private Task Write(NetworkStream stream, string text) => stream.WriteAsync(Encoding.ASCII.GetBytes(text), _stop.Token).AsTask();
}
