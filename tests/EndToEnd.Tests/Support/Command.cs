using System.Diagnostics;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>What a program said.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors, TimeSpan Elapsed)
{
    /// <summary>Fails the test unless the program ended with a certain code.</summary>
    public CommandResult Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"ended with {ExitCode}, not {exitCode}:\n{Output}\n{Errors}");
        return this;
    }
}

/// <summary>Runs programs with a time limit. Whoever touches a drive does so in a process of its own.</summary>
internal static class Command
{
    /// <summary>Starts a program with its three streams redirected.</summary>
    public static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string folder = "/")
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        start.Environment["LC_ALL"] = "C.UTF-8";
        return Process.Start(start)!;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<CommandResult> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string folder = "/", TimeSpan? atMost = null)
    {
        var begun = Stopwatch.GetTimestamp();
        using var process = Start(program, arguments, environment, folder);
        process.StandardInput.Close();
        return await EndOfAsync(process, begun, atMost);
    }

    /// <summary>The end of a program that was started before; it is killed when it takes too long.</summary>
    public static async Task<CommandResult> EndOfAsync(Process process, long begun, TimeSpan? atMost = null)
    {
        using var patience = new CancellationTokenSource(atMost ?? 2 * Poll.Patience);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} did not end.");
        }

        return new CommandResult(process.ExitCode, await output, await errors, Stopwatch.GetElapsedTime(begun));
    }
}
