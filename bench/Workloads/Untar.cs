using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Workloads;

/// <summary>A source tree from an archive, with times and modes.</summary>
internal sealed class Untar(int files, int folders) : DriveWorkload
{
    private readonly FileTree _tree = new(files, folders, least: 100, most: 200_000, mean: 8_000);

    public override string Name => "untar";

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"tar -x of {files:N0} source files");

    public override string About => string.Create(CultureInfo.InvariantCulture, $"0.1 to 200 KB, 8 KB on average, in {folders:N0} folders; until tar ended and until all are in the bucket.");

    public override IReadOnlyList<string> Drawn => [Figures.Returned, Figures.Stored];

    protected override async Task MeasureAsync(Mounted mounted, Trial trial, Figures figures)
    {
        var archive = Path.Combine(trial.Folder, "source.tar");
        Pack(archive);
        Machine.Settle();
        var begun = Stopwatch.GetTimestamp();
        await RunAsync("tar", ["-xf", archive, "-C", mounted.Folder], figures);
        await NoteStoredAsync(mounted, trial, figures, begun, files, _tree.Bytes);
    }

    private void Pack(string path)
    {
        var time = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var writer = new TarWriter(File.Create(path));
        foreach (var folder in _tree.Folders) writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, folder) { ModificationTime = time, Mode = (UnixFileMode)0b111_101_101 });
        for (var i = 0; i < _tree.Files.Count; i++)
        {
            using var bytes = new MemoryStream(_tree.ContentOf(i).ToArray());
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, _tree.Files[i].Path) { ModificationTime = time, Mode = (UnixFileMode)0b110_100_100, DataStream = bytes });
        }
    }
}
