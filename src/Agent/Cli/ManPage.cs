using System.CommandLine;
using System.Globalization;
using System.Text;

namespace SyncAgent.Agent.Cli;

/// <summary>The manual page, written from the tree of commands that parses command lines: it cannot tell of other options.</summary>
internal static class ManPage
{
    /// <summary><c>syncagent man</c>, hidden: prints the page in man(7)'s language, for packages and for <c>man -l -</c>.</summary>
    public static Command Build(CliContext context, Func<Command> root)
    {
        var command = new Command("man", "Prints the manual page: syncagent man | man -l -") { Hidden = true };
        command.SetAction(async (_, stop) =>
        {
            await context.Out.WriteAsync(Render(root(), OwnVersion.Text, OwnVersion.BuiltOn).AsMemory(), stop);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>The page.</summary>
    /// <param name="root">All commands.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="date">Date of the page.</param>
    public static string Render(Command root, string version, DateOnly date)
    {
        var page = new Page();
        page.Raw($".TH SYNCAGENT 1 {date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} \"SyncAgent {version.Split('+')[0]}\" \"User Commands\"");
        page.Section("NAME").Raw("syncagent \\- a local drive over an object store");
        page.Section("SYNOPSIS").Raw(".B syncagent").Raw(".RI [ command ]").Raw(".RI [ options ]");
        page.Section("DESCRIPTION")
            .Text("Mounts a bucket of Alibaba Cloud OSS, or of a store that speaks S3, as a folder. What is copied in arrives as plain objects; a killed agent, a reboot, a cut cable or a full disk cost nothing.")
            .Paragraph("Without a command it shows how things stand and what to do next. A first drive is set up by \"syncagent init\".");
        page.Section("COMMANDS");
        foreach (var command in root.Subcommands.Where(command => !command.Hidden)) AddCommand(page, command, "syncagent");
        page.Section("EXIT STATUS");
        foreach (var (code, meaning) in ExitCodes.Meanings) page.Item(code.ToString(CultureInfo.InvariantCulture), meaning);
        page.Section("ENVIRONMENT");
        foreach (var (name, meaning) in Variables) page.Item(name, meaning);
        page.Section("FILES");
        foreach (var (name, meaning) in Files) page.Item(name, meaning);
        page.Section("SEE ALSO").Raw(".BR fusermount3 (1),").Raw(".BR mount (8),").Raw(".BR getfattr (1),").Raw(".BR systemctl (1)");
        return page.ToString();
    }

    private static readonly (string, string)[] Variables =
    [
        ("OSS_ACCESS_KEY_ID, OSS_ACCESS_KEY_SECRET, OSS_SESSION_TOKEN", "Keys for OSS, where a drive takes them from the environment."),
        ("AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN", "The same for S3."),
        ("HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY", "Proxies, unless a drive names its own."),
        ("XDG_STATE_HOME, XDG_CONFIG_HOME, XDG_RUNTIME_DIR", "Where state, configuration and the list of mounts are."),
        ("VISUAL, EDITOR", "What \"syncagent config edit\" starts."),
        ("NO_COLOR", "When set, no colours; there are none either where nobody looks."),
    ];

    private static readonly (string, string)[] Files =
    [
        ("~/.config/syncagent/config.json", "Drives and options; of the machine's service /etc/syncagent/config.json."),
        ("~/.config/syncagent/credentials", "Keys that \"syncagent init\" was given, mode 600."),
        ("~/.local/state/syncagent", "The state folder: what is not in the bucket yet. Never delete it by hand while something is pending. Of the machine's service /var/lib/syncagent."),
    ];

    private static void AddCommand(Page page, Command command, string above)
    {
        var name = $"{above} {command.Name}";
        var subcommands = command.Subcommands.Where(sub => !sub.Hidden).ToList();
        if (subcommands.Count > 0)
        {
            page.Subsection($"{name} ...").Text(command.Description ?? "");
            foreach (var sub in subcommands) AddCommand(page, sub, name);
            return;
        }

        page.Subsection(string.Join(' ', command.Arguments.Select(Shown).Prepend(name))).Text(command.Description ?? "");
        foreach (var argument in command.Arguments.Where(argument => !string.IsNullOrEmpty(argument.Description))) page.Item(argument.Name, argument.Description!);
        foreach (var option in command.Options.Where(option => !option.Hidden && option.Name != "--help"))
        {
            var names = string.Join(", ", option.Aliases.Where(alias => alias.StartsWith('-')).OrderBy(alias => alias.Length).Append(option.Name).Distinct());
            page.Item(names, option.Description ?? "", option.Arity.MinimumNumberOfValues > 0 ? option.HelpName ?? "VALUE" : null);
        }
    }

    private static string Shown(Argument argument)
    {
        var name = argument.Arity.MaximumNumberOfValues > 1 ? argument.Name + "..." : argument.Name;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    /// <summary>Text in man(7)'s language.</summary>
    private sealed class Page
    {
        private readonly StringBuilder _text = new();

        public Page Raw(string line)
        {
            _text.Append(line).Append('\n');
            return this;
        }

        public Page Section(string name) => Raw($".SH \"{name}\"");

        public Page Subsection(string name) => Raw($".SS \"{Escape(name)}\"");

        public Page Text(string text) => Raw(Line(text));

        public Page Paragraph(string text) => Raw(".PP").Text(text);

        public Page Item(string name, string text, string? value = null) =>
            Raw(".TP").Raw(value is null ? $".B \"{Escape(name)}\"" : $".BI \"{Escape(name)} \" \"{Escape(value)}\"").Text(text);

        public override string ToString() => _text.ToString();

        // A dot or an apostrophe at the start of a line would be a request.
        private static string Line(string text)
        {
            var line = Escape(text.ReplaceLineEndings(" ").Trim(), quoted: false);
            return line.Length > 0 && line[0] is '.' or '\'' ? "\\&" + line : line;
        }

        private static string Escape(string text, bool quoted = true)
        {
            text = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace("~", "\\(ti", StringComparison.Ordinal);
            return quoted ? text.Replace("\"", "\\(dq", StringComparison.Ordinal) : text;
        }
    }
}
