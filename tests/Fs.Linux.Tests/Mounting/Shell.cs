using System.Diagnostics;

namespace SyncAgent.Fs.Linux.Tests.Mounting;

/// <summary>What a child process said.</summary>
internal sealed record ShellResult(int ExitCode, string Output, string Errors);

/// <summary>Clients of a mount run in processes of their own: a thread of this one that waits for the mount it serves could wait
/// for itself.</summary>
internal static class Shell
{
    /// <summary>No step here takes a second on a quiet machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        return Process.Start(start)!;
    }

    public static async Task<ShellResult> RunAsync(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end: {await errors}");
        }

        return new ShellResult(process.ExitCode, await output, await errors);
    }

    /// <summary>Runs a script of sh in a directory and returns what it printed; fails the test when it fails.</summary>
    public static async Task<string> ShAsync(string directory, string script) =>
        Succeeded(await RunAsync("sh", "-euc", $"cd '{directory}'\n{script}"));

    /// <summary>Runs a Python program in a directory, the same way.</summary>
    public static async Task<string> PythonAsync(string directory, string program) =>
        Succeeded(await RunAsync("python3", "-c", $"import os, sys, errno, stat\nos.chdir('{directory}')\n{program}"));

    private static string Succeeded(ShellResult result)
    {
        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}: {result.Output} {result.Errors}");
        return result.Output.TrimEnd();
    }
}
