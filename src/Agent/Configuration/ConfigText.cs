using System.Text;
using System.Text.Json;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Configuration;

/// <summary>Changes the text of a configuration file in one place and leaves every other byte, comments too, as it is.</summary>
internal static class ConfigText
{
    private const string Indent = "  ";

    private static readonly JsonReaderOptions Format = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The text with one more drive at the end of <c>drives</c>.</summary>
    /// <param name="text">JSON with an object at the top.</param>
    /// <param name="drive">The drive as JSON.</param>
    public static string AddDrive(string text, string drive)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var (at, place) = FindPlace(bytes);
        var element = drive.ReplaceLineEndings("\n" + Indent + Indent);
        var inserted = place switch
        {
            Place.AfterDrive => $",\n{Indent}{Indent}{element}",
            Place.InEmptyList => $"\n{Indent}{Indent}{element}\n{Indent}",
            Place.AfterProperty => $",\n{Indent}\"drives\": [\n{Indent}{Indent}{element}\n{Indent}]",
            _ => $"\n{Indent}\"drives\": [\n{Indent}{Indent}{element}\n{Indent}]",
        };
        return Encoding.UTF8.GetString(bytes, 0, at) + inserted + Encoding.UTF8.GetString(bytes, at, bytes.Length - at);
    }

    /// <summary>Puts a text in the place of a file in one step; its mode stays, and is 600 for a new one.</summary>
    public static void Replace(string path, string text)
    {
        UnixFileMode? mode = !OperatingSystem.IsWindows() && File.Exists(path) ? File.GetUnixFileMode(path) : null;
        AtomicFile.Write(path, text);
        if (mode is { } before && !OperatingSystem.IsWindows()) File.SetUnixFileMode(path, before);
    }

    private enum Place
    {
        InEmptyObject,
        AfterProperty,
        InEmptyList,
        AfterDrive,
    }

    // Where the last thing of its kind ends: a comma that follows it stands behind the new one then.
    private static (int At, Place Place) FindPlace(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes, Format);
        var (at, place) = (0, Place.InEmptyObject);
        var inDrives = false;
        var found = false;
        while (reader.Read())
        {
            var end = (int)reader.BytesConsumed;
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
            {
                inDrives = reader.ValueTextEquals("drives");
            }
            else if (reader.CurrentDepth == 0 && reader.TokenType == JsonTokenType.StartObject)
            {
                at = end;
            }
            else if (inDrives && reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.StartArray)
            {
                (at, place, found) = (end, Place.InEmptyList, true);
            }
            else if (inDrives && reader.CurrentDepth == 2 && reader.TokenType == JsonTokenType.EndObject)
            {
                (at, place) = (end, Place.AfterDrive);
            }
            else if (!found && reader.CurrentDepth == 1 && reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
            {
                (at, place) = (end, Place.AfterProperty);
            }
        }

        return (at, place);
    }
}
