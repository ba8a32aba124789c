using System.Globalization;
using System.Text.Json;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Composition;

/// <summary>Keeps a drive's whole target in the journal, so that later commands reach its bucket as the drive does; but nothing that may
/// be a secret (<see cref="TargetSettings.WithoutSecrets"/>).</summary>
internal static class DriveTargets
{
    /// <summary>Writes a drive's target down, durably, unless it stands there already.</summary>
    public static void Keep(JournalStore journal, long drive, TargetSettings target)
    {
        var text = JsonSerializer.Serialize(target.WithoutSecrets, ControlJson.Default.TargetSettings);
        if (journal.GetValue(NameOf(drive)) != text) journal.SetValue(NameOf(drive), text);
    }

    /// <summary>A drive's target; of a drive that was last mounted by an older version, what its row says.</summary>
    public static TargetSettings Read(JournalReader reader, DriveRow row)
    {
        if (reader.Value(NameOf(row.Id)) is { } text && TryParse(text) is { } target) return target.WithoutSecrets; // an older version kept more
        return new TargetSettings(
            row.Store, NullIfEmpty(row.Endpoint), NullIfEmpty(row.Region), row.Bucket, row.Prefix, OssAddressing.Auto, AllowHttp: true);
    }

    /// <summary>All drives that have a mount point, with their targets.</summary>
    public static IReadOnlyList<DriveTarget> All(JournalReader reader) =>
        [.. reader.Drives().Where(row => row.MountPoint.Length > 0).Select(row => new DriveTarget(row.MountPoint, Read(reader, row)))];

    private static TargetSettings? TryParse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ControlJson.Default.TargetSettings);
        }
        catch (JsonException)
        {
            // Written by a version that had other settings: the row says enough to go on.
            return null;
        }
    }

    private static string NameOf(long drive) => string.Create(CultureInfo.InvariantCulture, $"drive.{drive}.target");

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
