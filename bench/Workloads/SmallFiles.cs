using System.Diagnostics;
using System.Globalization;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Workloads;

/// <summary>A tree of small files: sizes and folders as in the benchmark that GeeseFS publishes.</summary>
internal sealed class SmallFiles(int files, int folders, int faultsPerMille) : DriveWorkload
{
    private readonly FileTree _tree = new(files, folders, least: 512, most: 300_000, mean: 30_000);

    public override string Name => faultsPerMille == 0 ? "small" : "faults";

    public override string Title => string.Create(CultureInfo.InvariantCulture,
        $"{files:N0} small files{(faultsPerMille == 0 ? "" : $" while {faultsPerMille / 10.0} % of requests fail")}");

    public override string About => string.Create(CultureInfo.InvariantCulture,
        $"0.5 to 300 KB, 30 KB on average, in {folders:N0} folders; mkdir, open, write, close, one after the other; until the last close returned and until all are in the bucket.{(faultsPerMille == 0 ? "" : " So many of a thousand requests are answered with 503 SlowDown.")}");

    public override IReadOnlyList<string> Drawn => [Figures.Closed, Figures.Stored];

    protected override bool Fits(Drive drive) => base.Fits(drive) && (faultsPerMille == 0 || drive.Name != Drives.Native);

    protected override Task MakeReadyAsync(Mounted mounted, Trial trial) => trial.Store.SetAsync(new Conditions(FaultsPerMille: faultsPerMille));

    protected override async Task MeasureAsync(Mounted mounted, Trial trial, Figures figures)
    {
        var before = await RequestsAsync(trial);
        var begun = Stopwatch.GetTimestamp();
        _tree.Write(mounted.Folder);
        figures[Figures.Closed] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        await NoteStoredAsync(mounted, trial, figures, begun, files, _tree.Bytes);
        if (mounted.Meter is null) return;
        var requests = await RequestsAsync(trial) - before;
        figures[Figures.RequestsPerFile] = requests / files;
        figures[Figures.RequestsPerName] = requests / (files + _tree.Folders.Count);
    }
}
