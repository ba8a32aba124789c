using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SyncAgent.Wine.Tests.Support;

/// <summary>A connection to the stand-in for WinFsp in an agent: a native thread there that uses the drive as it is told (tests/wine/winfsp-standin).</summary>
internal sealed class StandInDrive : IDisposable
{
    public const uint Ok = 0;
    public const uint NameCollision = 0xC0000035;
    public const uint NotFound = 0xC0000034;
    public const uint NotEmpty = 0xC0000101;

    private readonly TcpClient _client;
    private readonly NetworkStream _stream;

    private StandInDrive(TcpClient client) => (_client, _stream) = (client, client.GetStream());

    public static async Task<StandInDrive> ConnectAsync(int port)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, port);
        return new StandInDrive(client);
    }

    /// <summary>Sends a command; gives its NTSTATUS and what it said.</summary>
    public async Task<(uint Status, string Text)> SendAsync(params string[] words)
    {
        var (status, bytes) = await AskAsync(string.Join('\t', words) + "\n", []);
        return (status, Encoding.UTF8.GetString(bytes));
    }

    /// <summary>Sends a command that must succeed; gives what it said.</summary>
    public async Task<string> DoAsync(params string[] words)
    {
        var (status, text) = await SendAsync(words);
        Assert.True(status == Ok, $"{string.Join(' ', words)}: 0x{status:X8} {text}");
        return text;
    }

    /// <summary>Writes through a handle.</summary>
    public async Task WriteAsync(string handle, long offset, byte[] bytes)
    {
        var (status, done) = await AskAsync(string.Create(CultureInfo.InvariantCulture, $"write\t{handle}\t{offset}\t{bytes.Length}\n"), bytes);
        Assert.Equal((Ok, bytes.Length.ToString(CultureInfo.InvariantCulture)), (status, Encoding.UTF8.GetString(done)));
    }

    /// <summary>Reads through a handle.</summary>
    public async Task<byte[]> ReadAsync(string handle, long offset, int length)
    {
        var (status, bytes) = await AskAsync(string.Create(CultureInfo.InvariantCulture, $"read\t{handle}\t{offset}\t{length}\n"), []);
        Assert.Equal(Ok, status);
        return bytes;
    }

    /// <summary>Copies a file of the Linux side into the drive, as Explorer does.</summary>
    public Task CopyInAsync(string local, string path) => DoAsync("copyin", WineMachine.WindowsPath(local), path, "1048576");

    /// <summary>Copies a file of the drive to the Linux side.</summary>
    public Task CopyOutAsync(string path, string local) => DoAsync("copyout", path, WineMachine.WindowsPath(local), "65536");

    /// <summary>The names in a folder, sorted; without itself and the one above it.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(string path, int bufferSize = 4096) =>
        [.. (await DoAsync("list", path, bufferSize.ToString(CultureInfo.InvariantCulture))).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', 3)[2]).Where(name => name is not ("." or "..")).Order(StringComparer.Ordinal)];

    /// <summary>How often each function of the adapter was called since it was mounted; "pending": how many requests were answered later.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CallsAsync() =>
        (await DoAsync("calls")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
        .ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));

    public void Dispose() => _client.Dispose();

    private async Task<(uint Status, byte[] Bytes)> AskAsync(string line, byte[] more)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(line));
        if (more.Length > 0) await _stream.WriteAsync(more);
        var head = new StringBuilder();
        var one = new byte[1];
        while (true)
        {
            await _stream.ReadExactlyAsync(one);
            if (one[0] == '\n') break;
            head.Append((char)one[0]);
        }

        var words = head.ToString().Split('\t');
        var bytes = new byte[int.Parse(words[1], CultureInfo.InvariantCulture)];
        await _stream.ReadExactlyAsync(bytes);
        return (uint.Parse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), bytes);
    }
}
