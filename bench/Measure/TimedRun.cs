using System.Diagnostics;
using System.Globalization;

namespace SyncAgent.Bench.Measure;

/// <summary>What a whole process took.</summary>
/// <param name="Seconds">From its start to its end.</param>
/// <param name="CpuSeconds">User and system time, of its children too.</param>
/// <param name="PeakMebibytes">Largest resident set.</param>
internal sealed record TimedRun(double Seconds, double CpuSeconds, double PeakMebibytes)
{
    private const string Time = "/usr/bin/time";

    /// <summary>Runs a program to its end; its output is shown only when it fails.</summary>
    public static async Task<TimedRun> OfAsync(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var figures = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Time, ["-f", "%e %U %S %M", "-o", figures, program, .. arguments])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            };
            foreach (var (name, value) in environment) start.Environment[name] = value;
            var begun = Stopwatch.GetTimestamp();
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            var seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            if (process.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {process.ExitCode}:\n{await output}\n{await errors}");
            var numbers = (await File.ReadAllTextAsync(figures)).Trim().Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
            return new TimedRun(seconds, numbers[1] + numbers[2], numbers[3] / 1024);
        }
        finally
        {
            File.Delete(figures);
        }
    }
}
