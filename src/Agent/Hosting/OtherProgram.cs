using System.ComponentModel;
using System.Diagnostics;

namespace SyncAgent.Agent.Hosting;

/// <summary>What a program said.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record ProgramResult(int ExitCode, string Output, string Error);

/// <summary>Runs programs of the machine.</summary>
internal static class OtherProgram
{
    // A folder that is never in the way.
    private static readonly string RootFolder = OperatingSystem.IsWindows() ? Environment.SystemDirectory : "/";

    /// <summary>Runs one to its end, without a shell and in the root folder.</summary>
    /// <exception cref="IOException">It is not installed.</exception>
    public static async Task<ProgramResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = RootFolder };
        start.Environment["LC_ALL"] = "C.UTF-8"; // what it says is read
        using var process = Start(start);
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new ProgramResult(process.ExitCode, await output, await error);
    }

    /// <summary>Runs one to its end on this program's own terminal, as an editor wants it. Signals of the terminal are that program's to answer.</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="IOException">It is not installed.</exception>
    public static async Task<int> RunOnTerminalAsync(string program, IReadOnlyList<string> arguments)
    {
        using var process = Start(new ProcessStartInfo(program, arguments));
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new IOException($"{start.FileName} did not start.");
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{start.FileName} cannot be started: {e.Message}.", e);
        }
    }
}
