using System.ComponentModel;
using System.Diagnostics;

namespace SyncAgent.Store;

/// <summary>Credentials from a command (a vault's client, a company's own), as the <c>credential_process</c> of AWS's tools and the
/// external mode of Alibaba's: it prints one JSON object and ends with 0.</summary>
public sealed class ProcessCredentials : ICredentialsSource
{
    private const int MaxOutput = 64 * 1024;
    private const int MaxShownErrors = 500;

    private readonly ProcessStartInfo _start;
    private readonly string _origin;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    /// <summary>Runs nothing yet.</summary>
    /// <param name="command">The command line. Without a shell it is split at spaces outside quotes; nothing in it is expanded.</param>
    /// <param name="throughShell">Hand the command line to the shell instead (/bin/sh, cmd.exe).</param>
    /// <param name="timeout">How long it may take; it is killed then.</param>
    /// <param name="time">Clock of the time-out.</param>
    /// <exception cref="ArgumentException">The command is empty or has a quote that is never closed.</exception>
    public ProcessCredentials(string command, bool throughShell, TimeSpan timeout, TimeProvider time)
    {
        IReadOnlyList<string> words = !throughShell ? CommandWords.Split(command)
            : OperatingSystem.IsWindows() ? ["cmd.exe", "/d", "/c", command] : ["/bin/sh", "-c", command];
        _start = new ProcessStartInfo(words[0])
        {
            UseShellExecute = false, CreateNoWindow = true, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var word in words.Skip(1)) _start.ArgumentList.Add(word);
        // Arguments may hold a password: only the program is named.
        _origin = $"The credentials command {(CommandWords.TrySplit(command) is [var program, ..] ? program : words[0])}";
        _timeout = timeout;
        _time = time;
    }

    /// <summary>Whether a command line can be split into words, at least one.</summary>
    public static bool IsCommandLine(string command) => CommandWords.TrySplit(command) is { Count: > 0 };

    /// <inheritdoc/>
    public async Task<TimedCredentials> FetchAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var process = Start();
        try
        {
            process.StandardInput.Close();
            var errors = ReadAsync(process.StandardError.BaseStream, either.Token);
            var output = await ReadAsync(process.StandardOutput.BaseStream, either.Token);
            var said = System.Text.Encoding.UTF8.GetString((await errors).Span).Trim();
            await process.WaitForExitAsync(either.Token);
            if (process.ExitCode != 0)
                throw Bad($"{_origin} ended with {process.ExitCode}{(said.Length == 0 ? "." : $": {(said.Length > MaxShownErrors ? said[^MaxShownErrors..] : said)}")}");
            return CredentialsDocument.Parse(output, _origin);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreException(StoreErrorKind.Timeout, $"{_origin} took longer than {_timeout.TotalSeconds:0} s and was ended.", e);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _origin;

    private Process Start()
    {
        try
        {
            return Process.Start(_start) ?? throw Bad($"{_origin} could not be started.");
        }
        catch (Win32Exception e)
        {
            throw Bad($"{_origin} could not be started: {e.Message}", e);
        }
    }

    // Reads to the end, so that the command never waits for us, and keeps the beginning.
    private static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var kept = new byte[MaxOutput];
        var spill = new byte[4096];
        var length = 0;
        while (true)
        {
            var rest = kept.AsMemory(length);
            var count = await stream.ReadAsync(rest.IsEmpty ? spill : rest, cancellationToken);
            if (count == 0) return kept.AsMemory(0, length);
            if (!rest.IsEmpty) length += count;
        }
    }

    private static StoreException Bad(string message, Exception? inner = null) => new(StoreErrorKind.BadCredentials, message, inner);
}
