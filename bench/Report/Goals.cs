using System.Globalization;
using System.Text;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Workloads;

namespace SyncAgent.Bench.Report;

/// <summary>What is to be reached, and what was.</summary>
internal static class Goals
{
    private sealed record Goal(string What, string Figure, double Bound, bool IsAtMost, Func<Results, double?> Measured);

    private static readonly IReadOnlyList<Goal> All =
    [
        Against("sequential write, 1 MiB blocks", "write-1MiB", Figures.Closed, Drives.Native, 0.5),
        Against("sequential write, 1 MiB blocks", "write-1MiB", Figures.Closed, "rclone", 3),
        Against("sequential write, 128 KiB blocks", "write-128KiB", Figures.Closed, Drives.Native, 0.5),
        Against("sequential write, 128 KiB blocks", "write-128KiB", Figures.Closed, "rclone", 3),
        Against("sequential write, 4 KiB blocks", "write-4KiB", Figures.Closed, Drives.Native, 0.18),
        Against("sequential write, 4 KiB blocks", "write-4KiB", Figures.Closed, "rclone", 4),
        AtMost("4 KiB write, p50, us", "write-4KiB", SequentialWrite.MedianWrite, 10),
        Times("creating small files", "create", Figures.Closed, 6),
        Against("creating small files", "create", Figures.Closed, "rclone", 4),
        Times("creating small files, nothing sent meanwhile", "stage-create", Figures.Closed, 6),
        Against("creating small files, nothing sent meanwhile", "stage-create", Figures.Closed, "rclone", 4),
        Against("cached read, cold", "read", CachedRead.Cold, Drives.Native, 0.7),
        Against("cached read, warm", "read", CachedRead.Warm, Drives.Native, 0.6),
        Times("ls -l of 5,000, kernel's names dropped", "list-5000", ListFolder.Dropped, 2),
        Times("ls -l of 5,000, warm", "list-5000", ListFolder.Warm, 2),
        Times("rm -r", "remove", Figures.Returned, 4),
        Against("large file until whole in the bucket", "write-1MiB", Figures.Stored, "rclone", 1),
        Against("large file until whole in the bucket", "write-1MiB", Figures.Stored, "s3fs", 1),
        new("large file until whole in the bucket", $"speed against the {ClientCommands.Bare}", 0.85, IsAtMost: false, results =>
            results.Median("put", ClientCommands.Bare, OneFile.Whole) / results.Median("write-1MiB", Drives.Ours, Figures.Stored)),
        Of("one file by a command", "put", ClientCommands.Ours, ClientCommands.Bare, 0.85),
        Of("one file by a command, behind a link", "put-link", ClientCommands.Ours, ClientCommands.Bare, 0.85),
        Against("tree of small files until all in the bucket", "small", Figures.Stored, "rclone", 2),
        AtMost("requests per new small file", "small", Figures.RequestsPerFile, 1.1),
        AtMost("processor per GiB staged, s", "stage-1MiB", Figures.CpuPerGib, 0.4),
        AtMost("processor per GiB uploaded, MD5 and CRC-64, s", "put", Figures.CpuPerGib, 2.5, ClientCommands.OursOss),
        AtMost("processor per GiB uploaded, CRC-64 alone, s", "put", Figures.CpuPerGib, 1.0, ClientCommands.OursCrc64),
        AtMost("memory while 10 GiB are moved, MiB", "move", Figures.Peak, 120e6 / (1 << 20)),
        AtMost("memory with 100,000 pending, MiB", "start-100000", Figures.Peak, 250e6 / (1 << 20)),
        AtMost("start to mounted, s", "start-0", StartPending.UntilMounted, 0.5),
        AtMost("start to mounted with 100,000 pending, s", "start-100000", StartPending.UntilMounted, 1),
    ];

    public static string Table(Results results)
    {
        var table = new StringBuilder("| goal | figure | wanted | measured | |\n|---|---|---|---|---|\n");
        foreach (var goal in All)
        {
            if (goal.Measured(results) is not { } measured) continue;
            var isMet = goal.IsAtMost ? measured <= goal.Bound : measured >= goal.Bound;
            table.Append(CultureInfo.InvariantCulture, $"| {goal.What} | {goal.Figure} | {(goal.IsAtMost ? "≤" : "≥")} {Text.Of(goal.Bound)} | {Text.Of(measured)} | {(isMet ? "met" : "**missed**")} |\n");
        }

        return table.ToString();
    }

    /// <summary>How many times as fast as another ours has to be, at least.</summary>
    private static Goal Against(string what, string workload, string figure, string other, double times) =>
        new(what, $"speed against {other}", times, IsAtMost: false, results => 1 / results.Ratio(workload, Drives.Ours, other, figure));

    /// <summary>How many times what the limit takes ours may take.</summary>
    private static Goal Times(string what, string workload, string figure, double times) =>
        new(what, "time against native", times, IsAtMost: true, results => results.Ratio(workload, Drives.Ours, Drives.Native, figure));

    private static Goal Of(string what, string workload, string own, string other, double times) =>
        new(what, $"speed against the {other}", times, IsAtMost: false, results => 1 / results.Ratio(workload, own, other, OneFile.Whole));

    private static Goal AtMost(string what, string workload, string figure, double most, string own = Drives.Ours) =>
        new(what, "itself", most, IsAtMost: true, results => results.Median(workload, own, figure));
}
