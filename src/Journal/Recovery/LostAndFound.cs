using System.Globalization;
using System.Text;

namespace SyncAgent.Journal;

/// <summary>
/// Where everything goes that cannot be told apart: <c>lost+found</c> in the state folder. Nothing in it is ever overwritten or deleted
/// by the program. Each lost file is a group of up to three files of one name:
/// <list type="bullet">
/// <item><c>NAME</c>: the bytes;</item>
/// <item><c>NAME.map</c>: for changes over an earlier content, the log that says which ranges of NAME are its own (see
/// <see cref="ExtentLog"/>);</item>
/// <item><c>NAME.txt</c>: in words for people, one "name=value" a line: when and why it was moved, its size, and whatever the file
/// said about itself (<see cref="StagingMark"/>).</item>
/// </list>
/// NAME is the time (UTC) and the file's former name. docs/operations.md, "Recover by hand", tells how to get it back.
/// </summary>
public sealed class LostAndFound
{
    private const string FolderName = "lost+found";
    private const string MapSuffix = ".map";
    private const string NoteSuffix = ".txt";

    private readonly string _folder;
    private readonly TimeProvider _time;

    /// <summary>The lost-and-found of a state folder; made when the first file comes.</summary>
    public LostAndFound(string stateFolder, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(stateFolder);
        ArgumentNullException.ThrowIfNull(time);
        _folder = Path.Combine(stateFolder, FolderName);
        _time = time;
    }

    /// <summary>Absolute path.</summary>
    public string Folder => _folder;

    /// <summary>Moves a file here, with the extent log beside it. A power cut leaves it where it was or here, never neither.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="why">One sentence for people.</param>
    /// <returns>What it is called now.</returns>
    /// <exception cref="IOException">It cannot be moved; it is where it was.</exception>
    public LostFile Add(string file, string why)
    {
        ArgumentNullException.ThrowIfNull(file);
        PrivateFolder.Create(_folder);
        var now = _time.GetUtcNow();
        var info = new FileInfo(file);
        var lost = new LostFile(FreePath(now, info.Name), info.Length, now, why, StagingMark.TryRead(file)?.Path);

        // The note first: bytes without one would be nobody's, a note without bytes is only a line too many.
        AtomicFile.Write(lost.File + NoteSuffix, NoteOf(lost, file, info.LastWriteTimeUtc));
        CrashPoints.Reach(CrashPoints.RecoveryMoved);
        if (File.Exists(file + MapSuffix)) File.Move(file + MapSuffix, lost.File + MapSuffix, overwrite: false);
        File.Move(file, lost.File, overwrite: false);
        FileSync.FlushFolder(_folder);
        return lost;
    }

    /// <summary>Everything here, oldest first.</summary>
    public IReadOnlyList<LostFile> List()
    {
        if (!Directory.Exists(_folder)) return [];
        return
        [
            .. Directory.EnumerateFiles(_folder)
                .Where(file => !file.EndsWith(MapSuffix, StringComparison.Ordinal) && !file.EndsWith(NoteSuffix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(Read),
        ];
    }

    // Never the name of an earlier file, nor of what was left beside one.
    private string FreePath(DateTimeOffset now, string name)
    {
        var stem = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{now.UtcDateTime:yyyyMMdd-HHmmss}-{name}"));
        for (var attempt = 1; ; attempt++)
        {
            var path = attempt == 1 ? stem : string.Create(CultureInfo.InvariantCulture, $"{stem}-{attempt}");
            if (!File.Exists(path) && !File.Exists(path + MapSuffix) && !File.Exists(path + NoteSuffix)) return path;
        }
    }

    private static string NoteOf(LostFile lost, string from, DateTime modified)
    {
        var note = new StringBuilder("# A file that SyncAgent could not tell apart. See \"Recover by hand\" in docs/operations.md.\n");
        note.Append(CultureInfo.InvariantCulture, $"moved={lost.When.UtcDateTime:O}\nwhy={OneLine(lost.Why)}\nfrom={OneLine(from)}\n");
        note.Append(CultureInfo.InvariantCulture, $"bytes={lost.Bytes}\nmodified={modified:O}\n");
        note.Append(StagingMark.ReadText(from) ?? "");
        return note.ToString();
    }

    private static LostFile Read(string file)
    {
        var info = new FileInfo(file);
        var note = File.Exists(file + NoteSuffix) ? File.ReadAllLines(file + NoteSuffix) : [];
        var when = DateTimeOffset.TryParse(Value("moved"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moved)
            ? moved
            : new DateTimeOffset(info.LastWriteTimeUtc, TimeSpan.Zero);
        return new LostFile(file, info.Length, when, Value("why") ?? "", StagingMark.TryParse(string.Join('\n', note))?.Path);

        string? Value(string name) =>
            note.FirstOrDefault(line => line.StartsWith(name + "=", StringComparison.Ordinal)) is { } line ? line[(name.Length + 1)..] : null;
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}

/// <summary>A file in the lost-and-found.</summary>
/// <param name="File">Absolute path of its bytes; the note beside it has the same name and ".txt".</param>
/// <param name="Bytes">Its length.</param>
/// <param name="When">When it was moved.</param>
/// <param name="Why">Why, in a sentence; empty when the note is missing.</param>
/// <param name="OriginalPath">Its path in its drive, as far as it says one itself; else null.</param>
public sealed record LostFile(string File, long Bytes, DateTimeOffset When, string Why, string? OriginalPath);
