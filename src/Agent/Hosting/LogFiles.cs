using System.Globalization;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Hosting;

/// <summary>The log of a detached agent and the full ones before it: agent.log, agent.log.1 and so on, the highest number the oldest.</summary>
internal static class LogFiles
{
    /// <summary>Name of the file in the state folder that is written.</summary>
    public const string Name = "agent.log";

    /// <summary>Gives each file the next number and removes those beyond <paramref name="keep"/>; there is no file at the path afterwards.</summary>
    /// <exception cref="IOException">The folder does not take it.</exception>
    public static void Shift(string log, int keep)
    {
        foreach (var (path, number) in Directory.EnumerateFiles(Path.GetDirectoryName(log)!, Path.GetFileName(log) + ".*")
            .Select(path => (path, NumberOf(log, path))).Where(file => file.Item2 >= keep).ToList())
        {
            File.Delete(path);
        }

        for (var number = keep - 1; number > 0; number--)
        {
            if (File.Exists(At(log, number))) File.Move(At(log, number), At(log, number + 1), overwrite: true);
        }

        File.Move(log, At(log, 1), overwrite: true);
    }

    /// <summary>Puts a large log aside; returns where the next run's lines begin.</summary>
    public static long Rotate(string log, LogSettings settings)
    {
        var file = new FileInfo(log);
        if (!file.Exists) return 0;
        if (file.Length <= (settings.FileSize ?? LogSettings.DefaultFileSize)) return file.Length;
        Shift(log, settings.Files ?? LogSettings.DefaultFiles);
        return 0;
    }

    /// <summary>Opens a log to write at its end, with a large one put aside before. Others may read it.</summary>
    public static FileStream OpenToAppend(string log, LogSettings settings)
    {
        Rotate(log, settings);
        return new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>The text of a log from an offset on, while another process writes it.</summary>
    public static string ReadFrom(string log, long offset)
    {
        using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Min(offset, file.Length);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private static string At(string log, int number) => $"{log}.{number.ToString(CultureInfo.InvariantCulture)}";

    private static int NumberOf(string log, string path) => path.Length > log.Length && int.TryParse(path.AsSpan(log.Length + 1), CultureInfo.InvariantCulture, out var number) ? number : 0;
}
