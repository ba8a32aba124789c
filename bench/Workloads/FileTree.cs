using System.Globalization;
using SyncAgent.Torture.Workload;

namespace SyncAgent.Bench.Workloads;

/// <summary>Many files of different sizes in many folders, the same ones each time.</summary>
internal sealed class FileTree
{
    private const int FoldersPerFolder = 32;
    private const int Seed = 1;

    /// <param name="files">How many files.</param>
    /// <param name="folders">How many folders they lie in, those that hold other folders not counted.</param>
    /// <param name="least">Bytes of the smallest.</param>
    /// <param name="most">Bytes of the largest.</param>
    /// <param name="mean">Bytes on average: most are smaller, few much larger.</param>
    public FileTree(int files, int folders, int least, int most, int mean)
    {
        // The mean of a power of a uniform number is 1 / (power + 1).
        var power = ((double)(most - least) / (mean - least)) - 1;
        var random = new Random(Seed);
        Folders = [.. Enumerable.Range(0, folders).SelectMany(i => (string[])[Outer(i), Inner(i)]).Distinct()];
        Files = [.. Enumerable.Range(0, files).Select(i => (
            string.Create(CultureInfo.InvariantCulture, $"{Inner(i % folders)}/f{i:00000}"), least + (int)(Math.Pow(random.NextDouble(), power) * (most - least))))];
    }

    /// <summary>Paths of all folders, outer ones first.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>Paths and bytes of all files.</summary>
    public IReadOnlyList<(string Path, int Size)> Files { get; }

    /// <summary>Bytes of all files.</summary>
    public long Bytes => Files.Sum(file => (long)file.Size);

    /// <summary>What the file at an index holds; no two neighbours the same.</summary>
    public ReadOnlySpan<byte> ContentOf(int index) => Content.Mebibyte.AsSpan(index % 512 * 1024, Files[index].Size);

    /// <summary>Writes it all below a folder.</summary>
    public void Write(string below)
    {
        foreach (var folder in Folders) Posix.MakeFolder($"{below}/{folder}");
        for (var i = 0; i < Files.Count; i++)
        {
            var path = $"{below}/{Files[i].Path}";
            var file = Posix.Open(path, Posix.WriteOnly | Posix.Create | Posix.Exclusive);
            Posix.Write(file, ContentOf(i), path);
            Posix.Close(file, path);
        }
    }

    private static string Outer(int i) => string.Create(CultureInfo.InvariantCulture, $"d{i / FoldersPerFolder:00}");

    private static string Inner(int i) => string.Create(CultureInfo.InvariantCulture, $"{Outer(i)}/e{i % FoldersPerFolder:00}");
}
