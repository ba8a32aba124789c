using System.Diagnostics;
using System.Globalization;
using SyncAgent.Bench.Contenders;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Bench.Workloads;

/// <summary>Many files of a block each, one after the other, in one folder.</summary>
internal sealed class CreateFiles(int files, bool isHeld = false) : DriveWorkload
{
    private const int Size = 4 << 10;

    public override string Name => isHeld ? "stage-create" : "create";

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"Creating {files:N0} files of 4 KiB{(isHeld ? ", kept from being sent" : "")}");

    public override string About =>
        $"open, write, close, one file after the other; time until the last close returned{(isHeld ? ". What staging alone costs" : " and until all are in the bucket")}.";

    public override IReadOnlyList<string> Drawn => isHeld ? [Figures.Closed] : [Figures.Closed, Figures.Stored];

    protected override bool IsHeld => isHeld;

    protected override async Task MeasureAsync(Mounted mounted, Trial trial, Figures figures)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < files; i++)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"{mounted.Folder}/f{i:00000}");
            var file = Posix.Open(path, Posix.WriteOnly | Posix.Create | Posix.Exclusive);
            Posix.Write(file, Content.Mebibyte.AsSpan(i % 256 * Size, Size), path);
            Posix.Close(file, path);
        }

        figures[Figures.Closed] = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        if (!isHeld) await NoteStoredAsync(mounted, trial, figures, begun, files, (long)files * Size);
    }
}
