using System.Diagnostics;
using System.Globalization;
using SyncAgent.Bench.Contenders;

namespace SyncAgent.Bench.Workloads;

/// <summary>What is done to a whole tree that is in the bucket: removed, or given another name.</summary>
internal sealed class TreeChange(int files, bool isRemoved) : DriveWorkload
{
    private const string Old = "tree";
    private const string New = "moved";
    private const int Folders = 50;

    private readonly FileTree _tree = new(files, Folders, least: 1000, most: 10_000, mean: 4_000);

    public override string Name => isRemoved ? "remove" : "rename";

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"{(isRemoved ? "rm -r" : "mv")} of a tree of {files:N0} files");

    public override string About => $"The tree was written here and is in the bucket, in {Folders} folders; until the command ended and until the bucket shows it.";

    public override IReadOnlyList<string> Drawn => [Figures.Returned, Figures.Stored];

    protected override async Task MakeReadyAsync(Mounted mounted, Trial trial)
    {
        Directory.CreateDirectory(Path.Combine(mounted.Folder, Old));
        _tree.Write(Path.Combine(mounted.Folder, Old));
        await StoredAsync(mounted, trial, files, _tree.Bytes);
    }

    protected override async Task MeasureAsync(Mounted mounted, Trial trial, Figures figures)
    {
        var tree = Path.Combine(mounted.Folder, Old);
        var before = await RequestsAsync(trial);
        var begun = Stopwatch.GetTimestamp();
        await RunAsync(isRemoved ? "rm" : "mv", isRemoved ? ["-r", tree] : [tree, Path.Combine(mounted.Folder, New)], figures);
        if (mounted.Meter is null) return;
        if (!isRemoved) await trial.Store.AwaitAsync(trial.Bucket, $"{Mounted.Prefix}{New}/", files, _tree.Bytes, Patience);
        await trial.Store.AwaitAsync(trial.Bucket, $"{Mounted.Prefix}{Old}/", 0, 0, Patience);
        figures[Figures.Stored] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        figures[Figures.RequestsPerFile] = (await RequestsAsync(trial) - before) / files;
    }
}
