using System.Globalization;

namespace SyncAgent.Bench.Measure;

/// <summary>Processor time and peak memory of a running process, from /proc.</summary>
internal sealed class ProcessMeter(int pid)
{
    private const double TicksPerSecond = 100;
    private const string ResetPeak = "5";

    private double _before;

    /// <summary>User and system time since <see cref="Begin"/>, in seconds; steps of 10 ms.</summary>
    public double CpuSeconds => Used() - _before;

    /// <summary>Largest resident set since <see cref="Begin"/>, in MiB.</summary>
    public double PeakMebibytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{pid}/status").First(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
            return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
        }
    }

    public void Begin()
    {
        File.WriteAllText($"/proc/{pid}/clear_refs", ResetPeak);
        _before = Used();
    }

    private double Used()
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        // Behind the name, which may hold anything; its first field is the third of the line.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
