using System.Net.Sockets;
using System.Text;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>A service manager's ear: takes what an agent tells it (sd_notify).</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly List<string> _heard = [];

    public NotifySocket(string path)
    {
        Path = path;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
    }

    /// <summary>For NOTIFY_SOCKET.</summary>
    public string Path { get; }

    /// <summary>Every line so far.</summary>
    public IReadOnlyList<string> Heard => _heard;

    /// <summary>Waits until a line begins with a text; gives the line.</summary>
    public async Task<string> HearAsync(string begin)
    {
        var buffer = new byte[4096];
        while (true)
        {
            using var patience = new CancellationTokenSource(Poll.Patience);
            var length = await _socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token);
            var lines = Encoding.UTF8.GetString(buffer, 0, length).Split('\n');
            _heard.AddRange(lines);
            if (lines.FirstOrDefault(line => line.StartsWith(begin, StringComparison.Ordinal)) is { } line) return line;
        }
    }

    public void Dispose() => _socket.Dispose();
}
