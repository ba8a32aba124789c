using System.Diagnostics;
using System.Net;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Economy;

/// <summary>OpenStack Swift with its S3 API, as the tests of the store use it: a server that every rival can talk to.</summary>
internal sealed class SwiftServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _script;

    private SwiftServer(Process script, string[] ready)
    {
        _script = script;
        var url = new Uri(ready[1]);
        Address = new IPEndPoint(IPAddress.Parse(url.Host), url.Port);
        (Key, Secret, Region) = (ready[2], ready[3], ready[4]);
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Access key.</summary>
    public string Key { get; }

    /// <summary>Its secret.</summary>
    public string Secret { get; }

    /// <summary>Region of signatures.</summary>
    public string Region { get; }

    /// <summary>Starts it in a folder.</summary>
    public static async Task<SwiftServer> StartAsync(string folder)
    {
        var start = new ProcessStartInfo("/bin/bash", [Path.Combine(Machine.Repository, "tests/stores/swift-start.sh"), folder])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        var script = Process.Start(start)!;
        var line = await script.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        return line?.Split(' ') is ["ready", _, _, _, _] ready ? new SwiftServer(script, ready) : throw new InvalidOperationException($"swift-start.sh: {line}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _script.StandardInput.Close(); // which ends the script, and with it the store
        await _script.WaitForExitAsync().WaitAsync(Patience);
        _script.Dispose();
    }
}
