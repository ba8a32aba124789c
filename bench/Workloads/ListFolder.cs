using System.Globalization;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Measure;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Bench.Workloads;

/// <summary><c>ls -l</c> of a folder that another client of the bucket has filled.</summary>
internal sealed class ListFolder(int files) : DriveWorkload
{
    public const string Dropped = "kernel's names dropped, s";
    public const string Warm = "once more, s";
    private const string First = "first time, s";
    private const int Size = 1000;

    public override string Name => string.Create(CultureInfo.InvariantCulture, $"list-{files}");

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"ls -l of {files:N0} files");

    public override string About =>
        "The first time all is read from the bucket, where another client has put it (of the plain folder, from the disk); then again after the kernel was told to drop its names, and once more.";

    public override IReadOnlyList<string> Drawn => [First, Dropped, Warm];

    protected override Task PrepareAsync(Trial trial) => trial.Store.FillAsync(trial.Bucket, Mounted.Prefix, files, Size);

    protected override Task MakeReadyAsync(Mounted mounted, Trial trial)
    {
        if (mounted.Meter is not null) return Task.CompletedTask;
        for (var i = 0; i < files; i++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{mounted.Folder}/{i:000000}");
            var file = Posix.Open(path, Posix.WriteOnly | Posix.Create | Posix.Exclusive);
            Posix.Write(file, Content.Mebibyte.AsSpan(0, Size), path);
            Posix.Close(file, path);
        }

        if (Machine.MayDropCaches) Machine.DropCaches();
        return Task.CompletedTask;
    }

    protected override async Task MeasureAsync(Mounted mounted, Trial trial, Figures figures)
    {
        figures[First] = await ListAsync(mounted);
        if (Machine.MayDropCaches)
        {
            Machine.DropCaches(Machine.Names);
            figures[Dropped] = await ListAsync(mounted);
        }

        figures[Warm] = await ListAsync(mounted);
    }

    private async Task<double> ListAsync(Mounted mounted)
    {
        var (seconds, said) = await RunAsync("ls", ["-l", mounted.Folder]);
        var lines = said.Count(letter => letter == '\n') - 1;
        return lines == files ? seconds : throw new InvalidOperationException($"ls -l shows {lines} of {files} files");
    }
}
