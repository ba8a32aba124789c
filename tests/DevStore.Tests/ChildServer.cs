using System.Diagnostics;

namespace SyncAgent.DevStore.Tests;

/// <summary>A server in a process of its own, to be killed.</summary>
internal sealed class ChildServer : IDisposable
{
    public const string Verb = "devstore-child";
    private readonly Process _process;

    private ChildServer(Process process, Uri endpoint)
    {
        _process = process;
        Endpoint = endpoint;
    }

    public Uri Endpoint { get; }

    public static async Task<ChildServer> StartAsync(string root)
    {
        string self = Path.Combine(AppContext.BaseDirectory, "SyncAgent.DevStore.Tests" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        var start = new ProcessStartInfo(self, [Verb, root]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        Process process = Process.Start(start)!;
        string? line = await process.StandardOutput.ReadLineAsync();
        return new ChildServer(process, new Uri(line ?? throw new InvalidOperationException("The child did not start.")));
    }

    /// <summary>kill -9, and waits until the process is gone.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    /// <summary>The child's side: serves until its standard input ends, which it does when the parent dies.</summary>
    public static async Task<int> RunAsync(string root)
    {
        await using DevStoreServer server = await DevStoreServer.StartAsync(OptionsFor(root));
        Console.WriteLine(server.Endpoint);
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public static DevStoreOptions OptionsFor(string root) => new()
    {
        RootDirectory = root,
        Credentials = [ServerTest.Key],
        CreateBuckets = [TestClient.Bucket],
        MinPartBytes = 1,
    };
}
