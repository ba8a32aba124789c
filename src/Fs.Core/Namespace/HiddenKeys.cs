namespace SyncAgent.Fs.Core;

/// <summary>Why a key of the bucket is not shown.</summary>
public enum HiddenReason
{
    /// <summary>A name of it is longer than names may be here: a file, or a folder with all that is in it.</summary>
    NameTooLong,

    /// <summary>It ends in "/" and holds bytes: the folder is shown, the bytes are not.</summary>
    FolderWithContent,
}

/// <summary>A key that the drive cannot show.</summary>
/// <param name="Key">With the drive's prefix; for a folder that cannot be shown the beginning of the keys in it, with its "/".</param>
/// <param name="Reason">Why.</param>
public sealed record HiddenKey(string Key, HiddenReason Reason);

/// <summary>The keys that a drive cannot show, as the last listings since the mount found them.</summary>
/// <param name="Count">How many, those of unshown folders counted as one each.</param>
/// <param name="Sample">The first ones, at most <see cref="HiddenKeys.MaxSample"/>.</param>
public sealed record HiddenReport(long Count, IReadOnlyList<HiddenKey> Sample);

/// <summary>Remembers by directory which keys could not be shown. Bounded: beyond it the numbers are counted and the keys are not, and
/// beyond the bound of directories neither. Thread-safe.</summary>
internal sealed class HiddenKeys
{
    /// <summary>Most keys that are kept.</summary>
    public const int MaxSample = 1000;

    private const int MaxDirectories = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Found> _byDirectory = [];
    private int _kept;

    /// <summary>A complete listing of a directory replaces what the one before said.</summary>
    public void Replace(long directory, Found found)
    {
        lock (_lock)
        {
            if (_byDirectory.Remove(directory, out var former)) _kept -= former.Sample.Count;
            if (found.Count == 0 || _byDirectory.Count == MaxDirectories) return;
            found.Keep(MaxSample - _kept);
            _kept += found.Sample.Count;
            _byDirectory.Add(directory, found);
        }
    }

    /// <summary>What is known of directories that are still there.</summary>
    /// <param name="stands">Whether a directory is still there under the key that it was listed under.</param>
    public HiddenReport Read(Func<long, string, bool> stands)
    {
        List<KeyValuePair<long, Found>> all;
        lock (_lock) all = [.. _byDirectory];
        var gone = all.Where(pair => !stands(pair.Key, pair.Value.Directory)).Select(pair => pair.Key).ToHashSet();
        foreach (var directory in gone) Replace(directory, new Found(""));
        var found = all.Where(pair => !gone.Contains(pair.Key)).Select(pair => pair.Value).ToList();
        return new HiddenReport(found.Sum(one => one.Count), [.. found.SelectMany(one => one.Sample).OrderBy(hidden => hidden.Key, StringComparer.Ordinal)]);
    }

    /// <summary>What one listing could not show.</summary>
    /// <param name="directory">Key of the directory.</param>
    public sealed class Found(string directory)
    {
        private const int MaxKept = 100;

        private List<HiddenKey> _sample = [];

        public string Directory { get; } = directory;

        /// <summary>How many keys.</summary>
        public long Count { get; private set; }

        /// <summary>The first of them.</summary>
        public IReadOnlyList<HiddenKey> Sample => _sample;

        public void Add(string key, HiddenReason reason)
        {
            Count++;
            if (_sample.Count < MaxKept) _sample.Add(new HiddenKey(key, reason));
        }

        public void Keep(int count) => _sample = [.. _sample.Take(count)];
    }
}
