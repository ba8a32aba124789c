using System.Diagnostics;
using System.Reflection;

namespace SyncAgent.Store.Tests;

/// <summary>
/// A real S3 store, run by a script of <c>tests/stores</c> for as long as this object, or this process, lives: the script serves until
/// its standard input ends, which the operating system sees to when the process is killed.
/// </summary>
public sealed class StoreScript : IAsyncDisposable
{
    private readonly Process _script;
    private readonly string _folder;

    private StoreScript(Process script, string folder, string[] ready)
    {
        _script = script;
        _folder = folder;
        (Url, Credentials, Region) = (ready[1], new StoreCredentials(ready[2], ready[3]), ready[4]);
    }

    public string Url { get; }

    public StoreCredentials Credentials { get; }

    public string Region { get; }

    /// <summary>Starts a store and returns once it answers.</summary>
    /// <param name="name">Name of the script, e.g. "swift-start.sh".</param>
    public static async Task<StoreScript> StartAsync(string name)
    {
        var root = typeof(StoreScript).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;
        var folder = Directory.CreateTempSubdirectory("syncagent-s3-").FullName;
        var start = new ProcessStartInfo("/bin/bash", [Path.Combine(root, "tests/stores", name), folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var script = Process.Start(start)!;
        var errors = script.StandardError.ReadToEndAsync();
        for (string? line; (line = await script.StandardOutput.ReadLineAsync()) is not null;)
        {
            if (line.StartsWith("ready ", StringComparison.Ordinal)) return new StoreScript(script, folder, line.Split(' '));
        }

        throw new InvalidOperationException($"{name} did not start a store:\n{await errors}");
    }

    public async ValueTask DisposeAsync()
    {
        _script.StandardInput.Close();
        await _script.WaitForExitAsync();
        _script.Dispose();
        Assert.False(Directory.Exists(_folder), $"The store in {_folder} was not stopped.");
    }
}
