using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Workloads;

/// <summary>One large file uploaded by a command.</summary>
/// <param name="size">Its bytes.</param>
/// <param name="link">MiB a second that the link lets through; 0 for loopback as it is.</param>
internal sealed class OneFile(long size, int link) : Workload
{
    public const string Whole = "from start to whole in the bucket, s";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public override string Name => link == 0 ? "put" : "put-link";

    public override string Title => $"One file of {size >> 20} MiB by a command, {(link == 0 ? "loopback" : $"behind a link of {link} MiB/s")}";

    public override string About =>
        $"Whole processes, from their start; parts of {Drive.PartMebibytes} MiB, {Drive.ParallelParts} at once (s3cmd knows only one). The bare sender reads the file and writes it to {Drive.ParallelParts} sockets, no more: what no client can be faster than.";

    public override IReadOnlyList<string> Drawn => [Whole, Figures.CpuPerGib];

    public override long Sent => link == 0 ? size : 0;

    public override IReadOnlyList<string> Contenders => [.. ClientCommands.All.Where(client => client.Version is not null).Select(client => client.Name)];

    public override async Task<Figures> RunAsync(string contender, Trial trial)
    {
        var file = Path.Combine(trial.Folder, "file");
        MakeFile(file);
        Machine.Settle();
        await trial.Store.SetAsync(new Conditions(BytesPerSecond: (long)link << 20));
        var client = ClientCommands.All.First(client => client.Name == contender);
        var run = await client.RunAsync(trial, file);
        var part = (long)Drive.PartMebibytes << 20;
        // The client has ended: what is not there now is not there.
        await trial.Store.AwaitAsync(trial.Bucket, "k", contender == ClientCommands.Bare ? (size + part - 1) / part : 1, size, Patience);
        return new Figures { [Whole] = run.Seconds, [Figures.CpuPerGib] = run.CpuSeconds * (1L << 30) / size, [Figures.Peak] = run.PeakMebibytes };
    }

    private void MakeFile(string path)
    {
        using var file = File.Create(path);
        for (var left = size; left > 0; left -= Content.Mebibyte.Length) file.Write(Content.Mebibyte, 0, (int)Math.Min(left, Content.Mebibyte.Length));
    }
}
