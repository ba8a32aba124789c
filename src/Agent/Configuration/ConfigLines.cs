using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SyncAgent.Agent.Configuration;

/// <summary>Says on which line of a configuration file a mistake stands.</summary>
internal static class ConfigLines
{
    private static readonly JsonReaderOptions Format = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>A mistake with the file and line before it, as compilers and editors have them: <c>FILE:LINE: MISTAKE</c>.</summary>
    /// <param name="file">Path of the file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="mistake">Begins with the path of what it is about, such as <c>$.drives[0].bucket: </c>. What is missing stands
    /// on the line of that in which it is.</param>
    public static string Place(string file, string text, string mistake)
    {
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        var line = Read(text, lines);
        if (line == 0)
        {
            var end = mistake.IndexOf(": ", StringComparison.Ordinal);
            var path = end < 0 ? mistake : mistake[..end];
            while (!lines.TryGetValue(path, out line) && path.LastIndexOfAny(['.', '[']) is > 0 and var cut) path = path[..cut];
        }

        return string.Create(CultureInfo.InvariantCulture, $"{file}:{Math.Max(line, 1)}: {mistake}");
    }

    // Returns the line of what is no JSON, or 0.
    private static int Read(string text, Dictionary<string, int> lines)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var reader = new Utf8JsonReader(bytes, Format);
        var (line, counted) = (1, 0);
        var path = new Stack<(string Path, int Index)>();
        var name = "$";
        try
        {
            while (reader.Read())
            {
                var start = (int)reader.TokenStartIndex;
                line += bytes.AsSpan(counted, start - counted).Count((byte)'\n');
                counted = start;
                switch (reader.TokenType)
                {
                    case JsonTokenType.PropertyName:
                        name = $"{path.Peek().Path}.{reader.GetString()}";
                        lines.TryAdd(name, line);
                        continue;
                    case JsonTokenType.EndArray or JsonTokenType.EndObject:
                        path.Pop();
                        continue;
                }

                if (path.TryPeek(out var parent) && parent.Index >= 0)
                {
                    name = string.Create(CultureInfo.InvariantCulture, $"{parent.Path}[{parent.Index}]");
                    path.Pop();
                    path.Push((parent.Path, parent.Index + 1));
                }

                lines.TryAdd(name, line);
                if (reader.TokenType == JsonTokenType.StartObject) path.Push((name, -1));
                else if (reader.TokenType == JsonTokenType.StartArray) path.Push((name, 0));
            }

            return 0;
        }
        catch (JsonException e)
        {
            return (int)(e.LineNumber ?? 0) + 1;
        }
    }
}
