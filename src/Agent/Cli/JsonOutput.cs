using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SyncAgent.Agent.Cli;

/// <summary>The option <c>--json</c>, and what commands print then: the API's own answers.</summary>
internal static class JsonOutput
{
    /// <summary>Name of the option.</summary>
    public const string Name = "--json";

    /// <summary>Adds the option to a command.</summary>
    public static Option<bool> AddTo(Command command, string description = "For scripts: as the status API has it")
    {
        var option = new Option<bool>(Name) { Description = description };
        command.Options.Add(option);
        return option;
    }

    /// <summary>Prints a value in one line.</summary>
    public static Task WriteLineAsync<T>(CliContext context, T value, JsonTypeInfo<T> type) => context.Out.WriteLineAsync(JsonSerializer.Serialize(value, type));

    /// <summary>Prints a value over several lines.</summary>
    public static Task WriteIndentedAsync<T>(CliContext context, T value, JsonTypeInfo<T> type)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true })) JsonSerializer.Serialize(writer, value, type);
        return context.Out.WriteLineAsync(Encoding.UTF8.GetString(buffer.ToArray()));
    }
}
