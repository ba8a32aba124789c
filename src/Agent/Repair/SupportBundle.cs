using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;
using SyncAgent.Fs.Linux;

namespace SyncAgent.Agent.Repair;

/// <summary>
/// What somebody who helps needs to see, in one file (0600): versions, machine, mounts, configuration, status, findings, the log's last
/// lines, and the journal's shape. Never bytes of files, environment or keys; names only when they are wanted (<see cref="Redactor"/>).
/// </summary>
internal static partial class SupportBundle
{
    private const int LogLines = 2000;
    private const long LogBytes = 1 << 20;
    private const string Unreadable = "(cannot be read as JSON, and so is left out)\n";

    /// <summary>Writes the file, which must not exist: nothing is overwritten, and no link is followed.</summary>
    public static async Task WriteAsync(string path, DoctorCase patient, DoctorReport report, Redactor redactor, CancellationToken stop)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var file = new FileStream(path, options);
        await using var packed = new GZipStream(file, CompressionLevel.Optimal);
        await using var archive = new TarWriter(packed);
        var json = new RedactedJson(redactor);
        await AddAsync("machine.txt", Machine(patient));
        await AddAsync("mounts.txt", Mounts(redactor));
        await AddAsync("doctor.json", json.Redact(JsonSerializer.Serialize(report, DoctorJson.Default.DoctorReport)) ?? Unreadable);
        if (patient.ConfigPath is { } config) await AddAsync("config.json", json.Redact(await File.ReadAllTextAsync(config, stop)) ?? Unreadable);
        if (patient.Agent is { } agent) await AddAsync("status.json", json.Redact(JsonSerializer.Serialize(agent, ControlJson.Default.StatusSnapshot)) ?? Unreadable);
        await AddAsync(LogFiles.Name, await LogAsync(patient.State, redactor, stop));
        await AddAsync("journal.txt", Journal(patient));

        async Task AddAsync(string name, string text)
        {
            var entry = new PaxTarEntry(TarEntryType.RegularFile, $"syncagent-support/{name}")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                ModificationTime = patient.Context.Time.GetUtcNow(),
            };
            await archive.WriteEntryAsync(entry, stop);
        }
    }

    private static string Machine(DoctorCase patient)
    {
        var text = new StringBuilder();
        Line($"syncagent {OwnVersion.Text}");
        Line($"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}");
        if (File.Exists("/etc/os-release")) Line($"{File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))}");
        Line($"processors {Environment.ProcessorCount}, memory {ByteSize.Format(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)}, time {patient.Context.Time.GetUtcNow():u}");
        if (Directory.Exists(patient.State))
        {
            var disk = new DriveInfo(patient.State);
            Line($"state folder: {disk.DriveFormat}, {ByteSize.Format(disk.AvailableFreeSpace)} of {ByteSize.Format(disk.TotalSize)} free");
        }

        if (File.Exists("/proc/self/limits")) foreach (var limit in File.ReadLines("/proc/self/limits")) Line($"{limit.TrimEnd()}");
        return text.ToString();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Mounts(Redactor redactor) => OperatingSystem.IsLinux()
        ? string.Concat(LinuxMounts.Read().Select(mount => $"{mount.FileSystemType} at {(mount.MountPoint == "/" ? "/" : redactor.Name(mount.MountPoint))}\n"))
        : "";

    private static async Task<string> LogAsync(string state, Redactor redactor, CancellationToken stop)
    {
        var path = Path.Combine(state, LogFiles.Name);
        if (!File.Exists(path)) return "(there is none: a service's log is with journalctl)\n";
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = Math.Max(0, file.Length - LogBytes);
        using var reader = new StreamReader(file);
        var lines = (await reader.ReadToEndAsync(stop)).Split('\n');
        return string.Join('\n', lines.TakeLast(LogLines).Select(line =>
        {
            // Time, level, category and number are the program's own.
            var head = LogHead().Match(line);
            return head.Value + redactor.Text(line[head.Length..]);
        }));
    }

    private static string Journal(DoctorCase patient)
    {
        if (patient.Journal is not { } journal) return $"(none that can be read)\n";
        var (format, sequence, durable) = journal.Position();
        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"format {format}, sequence {sequence}, durable {durable}\n"));
        foreach (var (name, sql, rows) in journal.Tables()) text.Append(CultureInfo.InvariantCulture, $"{name}: {rows} rows\n{sql}\n");
        foreach (var drive in journal.Drives()) text.Append(CultureInfo.InvariantCulture, $"drive {drive.Id}: {journal.Counts(drive.Id)}\n");
        return text.ToString();
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT[0-9:.]+Z [a-z]+: [A-Za-z.0-9`]+\[\d+\] ?")]
    private static partial Regex LogHead();
}
