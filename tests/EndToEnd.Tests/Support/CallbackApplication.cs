using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>A user's web application that stores call back: it notes every call, and answers 500 below <c>/refuse</c>.</summary>
internal sealed class CallbackApplication : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<(string Path, string Body)> _calls = new();
    private readonly Task _serving;

    public CallbackApplication()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where it listens.</summary>
    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>All calls so far, in order of arrival.</summary>
    public IReadOnlyList<(string Path, string Body)> Calls => [.. _calls];

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            Socket connection;
            try
            {
                connection = await _listener.AcceptSocketAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return; // disposed of
            }

            await using var stream = new NetworkStream(connection, ownsSocket: true);
            await AnswerAsync(stream);
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        var path = (await reader.ReadLineAsync())!.Split(' ')[1];
        var length = 0;
        while (await reader.ReadLineAsync() is { Length: > 0 } header)
        {
            if (header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)) length = int.Parse(header.Split(':')[1], provider: null);
        }

        var body = new char[length];
        await reader.ReadBlockAsync(body);
        _calls.Enqueue((path, new string(body)));
        var status = path.StartsWith("/refuse", StringComparison.Ordinal) ? "500 Internal Server Error" : "200 OK";
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"));
    }
}
