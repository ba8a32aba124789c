using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>A size: bytes as a number, or text such as "8MiB".</summary>
internal sealed class SizeKey(string name, long least, long most = long.MaxValue) : ValueKey<long>(name, "SIZE")
{
    /// <inheritdoc/>
    public override string Expected => least == 0 && most == long.MaxValue ? "a size" : $"a size from {ByteSize.Format(least)} to {ByteSize.Format(most)}";

    /// <inheritdoc/>
    public override long? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out var bytes) ? Checked(bytes) : null,
        JsonValueKind.String => Read(value.GetString()!),
        _ => null,
    };

    /// <inheritdoc/>
    public override long? Read(string text) => ByteSize.TryParse(text, out var bytes) ? Checked(bytes) : null;

    /// <inheritdoc/>
    public override string Show(long value) => ByteSize.Format(value);

    /// <inheritdoc/>
    public override JsonObject ToSchema()
    {
        var number = new JsonObject { ["type"] = "integer", ["minimum"] = least };
        if (most < long.MaxValue) number["maximum"] = most;
        return new JsonObject { ["anyOf"] = new JsonArray(number, new JsonObject { ["type"] = "string", ["pattern"] = ByteSize.Pattern }) };
    }

    private long? Checked(long bytes) => bytes >= least && bytes <= most ? bytes : null;
}

/// <summary>Bytes per second, as a number or text; 0 for no limit, which is written "unlimited".</summary>
internal sealed class RateKey(string name) : ValueKey<long>(name, "SIZE")
{
    /// <inheritdoc/>
    public override string Expected => BandwidthReader.Form;

    /// <inheritdoc/>
    public override long? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetInt64(out var rate) && rate >= BandwidthReader.LeastRate ? rate : null,
        JsonValueKind.String => Read(value.GetString()!),
        _ => null,
    };

    /// <inheritdoc/>
    public override long? Read(string text) => BandwidthReader.TryParseRate(text, out var rate) ? rate : null;

    /// <inheritdoc/>
    public override string Show(long value) => BandwidthReader.Show(value);

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "integer", ["minimum"] = BandwidthReader.LeastRate },
            ConfigSchema.Text([BandwidthReader.Unlimited]),
            new JsonObject { ["type"] = "string", ["pattern"] = ByteSize.Pattern }),
    };
}

/// <summary>A whole number.</summary>
internal sealed class CountKey(string name, int least, int most = int.MaxValue) : ValueKey<int>(name, "N")
{
    /// <inheritdoc/>
    public override string Expected => most == int.MaxValue ? $"a whole number from {least}" : $"a whole number from {least} to {most}";

    /// <inheritdoc/>
    public override int? Read(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? Checked(number) : null;

    /// <inheritdoc/>
    public override int? Read(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? Checked(number) : null;

    /// <inheritdoc/>
    public override string Show(int value) => value.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };

    private int? Checked(int number) => number >= least && number <= most ? number : null;
}

/// <summary>Seconds, with fractions.</summary>
internal sealed class SecondsKey(string name, double least, double most) : ValueKey<TimeSpan>(name, "SECONDS")
{
    /// <inheritdoc/>
    public override string Expected => $"seconds from {least} to {most}";

    /// <inheritdoc/>
    public override TimeSpan? Read(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) ? Checked(seconds) : null;

    /// <inheritdoc/>
    public override TimeSpan? Read(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? Checked(seconds) : null;

    /// <inheritdoc/>
    public override string Show(TimeSpan value) => value.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new() { ["type"] = "number", ["minimum"] = least, ["maximum"] = most };

    private TimeSpan? Checked(double seconds) => seconds >= least && seconds <= most ? TimeSpan.FromSeconds(seconds) : null;
}

/// <summary>True or false; as an option its name alone.</summary>
internal sealed class FlagKey(string name) : ValueKey<bool>(name, "")
{
    /// <inheritdoc/>
    public override string Expected => "true or false";

    /// <inheritdoc/>
    public override bool? Read(JsonElement value) => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;

    /// <inheritdoc/>
    public override bool? Read(string text) => bool.TryParse(text, out var given) ? given : null;

    /// <inheritdoc/>
    public override string Show(bool value) => value ? "true" : "false";

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new() { ["type"] = "boolean" };
}

/// <summary>One of a few words.</summary>
internal sealed class ChoiceKey<T> : ValueKey<T>
    where T : struct
{
    private readonly (string Word, T Value)[] _choices;

    public ChoiceKey(string name, params (string Word, T Value)[] choices)
        : base(name, "KIND")
    {
        _choices = choices;
        Words = [.. choices.Select(choice => choice.Word)];
    }

    /// <inheritdoc/>
    public override string Expected => Wording.OneOf(Words);

    /// <inheritdoc/>
    public override string Choice => Expected;

    /// <inheritdoc/>
    public override T? Read(JsonElement value) => value.ValueKind == JsonValueKind.String ? Read(value.GetString()!) : null;

    /// <inheritdoc/>
    public override T? Read(string text)
    {
        foreach (var (word, value) in _choices)
        {
            if (word == text) return value;
        }

        return null;
    }

    /// <inheritdoc/>
    public override string Show(T value) => Array.Find(_choices, choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Word;

    /// <inheritdoc/>
    public override JsonObject ToSchema() => ConfigSchema.Text(Words);
}
