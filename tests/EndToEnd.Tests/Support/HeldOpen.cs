using System.Diagnostics;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>A Python program that does something to the drive, says "done", and keeps its descriptors until it is killed.</summary>
internal sealed class HeldOpen : IAsyncDisposable
{
    private readonly Process _process;

    private HeldOpen(Process process) => _process = process;

    public static async Task<HeldOpen> StartAsync(string program, IReadOnlyDictionary<string, string> environment, string folder)
    {
        var process = Command.Start("python3", ["-c", $"import os, sys\n{program}\nprint('done', flush=True)\nsys.stdin.read()"], environment, folder);
        var held = new HeldOpen(process);
        try
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Poll.Patience);
            if (line != "done") throw new InvalidOperationException(await process.StandardError.ReadToEndAsync().WaitAsync(Poll.Patience));
            return held;
        }
        catch
        {
            await held.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets the program close what it has open and end by itself.</summary>
    public async Task FinishAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(Poll.Patience);
        Assert.Equal(0, _process.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Poll.Patience);
        _process.Dispose();
    }
}
