namespace SyncAgent.Agent.Cli;

/// <summary>Colours of a terminal, or none: where nobody looks, the terminal has none, or NO_COLOR asks for none (no-color.org).</summary>
/// <param name="on">Whether to colour.</param>
internal sealed class Paint(bool on)
{
    /// <summary>No colours.</summary>
    public static Paint None { get; } = new(on: false);

    /// <summary>Whether there are colours.</summary>
    public bool IsOn => on;

    /// <summary>As a command's world wants them.</summary>
    public static Paint Of(CliContext context) => new(
        context.Interactive && string.IsNullOrEmpty(context.Environment("NO_COLOR")) && context.Environment("TERM") is not (null or "" or "dumb"));

    /// <summary>All is well.</summary>
    public string Good(string text) => Wrap("32", text);

    /// <summary>Under way.</summary>
    public string Busy(string text) => Wrap("36", text);

    /// <summary>Held up, or worth a look.</summary>
    public string Warn(string text) => Wrap("33", text);

    /// <summary>Needs the user.</summary>
    public string Bad(string text) => Wrap("31", text);

    /// <summary>Of less interest.</summary>
    public string Faint(string text) => Wrap("2", text);

    /// <summary>A heading.</summary>
    public string Strong(string text) => Wrap("1", text);

    private string Wrap(string code, string text) => on && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}
