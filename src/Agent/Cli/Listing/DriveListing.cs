using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using SyncAgent.Agent.Configuration;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Cli.Listing;

/// <summary>A file or folder of a mounted drive, as <c>ls -l --json</c> prints it.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="State">Its state; null for links, FIFOs and sockets, of which a drive cannot tell it.</param>
/// <param name="Reason">What is wrong and what helps, or null.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">When it was last changed.</param>
/// <param name="Folder">Whether it is one.</param>
/// <param name="Percent">Of a file that is being sent.</param>
/// <param name="ETag">That the bucket last confirmed, or null.</param>
internal sealed record ListedFile(string Path, FileState? State, string? Reason, long Size, DateTimeOffset Modified, bool Folder, long? Percent, string? ETag);

/// <summary><c>syncagent ls -l</c>: a folder of a mounted drive with the state of each file. Asks the drive itself, and no store.</summary>
internal static class DriveListing
{
    public static async Task<int> RunAsync(string path, bool json, CliContext context, CancellationToken stop)
    {
        if (!OperatingSystem.IsLinux()) throw new CommandException(ExitCodes.NeedsUser, "a drive on Windows has no attributes to ask; \"syncagent open\" shows the state of each file, \"syncagent status\" what needs you.");
        path = AgentLink.Absolute(path);
        if (!Path.Exists(path)) throw new CommandException(ExitCodes.NeedsUser, $"{path}: there is no such file or folder.");
        if (DriveAttributes.Read(path) is null)
            throw new CommandException(ExitCodes.Usage, $"{path} is in no mounted drive. Without -l, \"syncagent ls\" lists the keys of a bucket.");

        var paint = Paint.Of(context);
        var (count, bytes) = (0L, 0L);
        foreach (var entry in Entries(path))
        {
            stop.ThrowIfCancellationRequested();
            if (Describe(entry, json) is not { } file) continue;
            await context.Out.WriteLineAsync(json ? JsonSerializer.Serialize(file, ListingJson.Default.ListedFile) : Line(entry, file, paint));
            count++;
            bytes += file.Folder ? 0 : file.Size;
        }

        if (!json) await context.Out.WriteLineAsync(paint.Faint($"{count} {(count == 1 ? "name" : "names")}, {ByteSize.Format(bytes)}"));
        return ExitCodes.Ok;
    }

    private static IEnumerable<FileSystemInfo> Entries(string path) => Directory.Exists(path)
        ? new DirectoryInfo(path).EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0 }).OrderBy(entry => entry.Name, StringComparer.Ordinal)
        : [new FileInfo(path)];

    // Null for what went in between.
    private static ListedFile? Describe(FileSystemInfo entry, bool withETag)
    {
        if (!entry.Exists && entry.LinkTarget is null) return null;
        var said = entry.LinkTarget is null ? DriveAttributes.Read(entry.FullName, withETag) : null;
        var size = entry is FileInfo { LinkTarget: null } file ? file.Length : 0;
        return new ListedFile(
            entry.FullName, said?.State, said?.Reason, size, entry.LastWriteTimeUtc, entry is DirectoryInfo, said?.Percent, said?.ETag);
    }

    private static string Line(FileSystemInfo entry, ListedFile file, Paint paint)
    {
        var state = file switch
        {
            { State: null } => "-",
            { State: FileState.Uploading, Percent: { } percent } => string.Create(CultureInfo.InvariantCulture, $"uploading {percent} %"),
            _ => file.State.ToString()!.ToLowerInvariant(),
        };
        var time = file.Modified.LocalDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        var name = entry.Name + (file.Folder ? "/" : "") + (entry.LinkTarget is { } target ? $" -> {target}" : "");
        var reason = file.Reason is null ? "" : $"\n{"",34}{paint.Faint(Printable.Of(file.Reason))}";
        var size = file.Folder ? "-" : ByteSize.Format(file.Size);
        return $"{size,10}  {time}  {StateNames.Paint(state.PadRight(15), file.State, paint)} {Printable.Of(name)}{reason}";
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ListedFile))]
internal sealed partial class ListingJson : JsonSerializerContext;
