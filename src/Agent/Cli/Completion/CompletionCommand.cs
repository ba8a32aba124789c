using System.CommandLine;
using System.Text;

namespace SyncAgent.Agent.Cli.Completion;

/// <summary><c>syncagent completion SHELL</c> prints what a shell needs to complete this program's command lines; it asks the hidden
/// <c>syncagent complete</c> at each Tab, so that it never knows another version of the commands.</summary>
internal static class CompletionCommand
{
    private static readonly string[] Shells = ["bash", "zsh", "fish", "powershell"];

    public static Command Script(CliContext context)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or powershell" };
        shell.CompletionSources.Add(Shells);
        shell.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var name }] && !Shells.Contains(name)) result.AddError($"completion: \"{name}\" is none of {string.Join(", ", Shells)}.");
        });
        var command = new Command("completion", "Prints a script with which a shell completes commands, options, drives and files at Tab.") { shell };
        command.SetAction(async (parsed, stop) =>
        {
            await context.Out.WriteAsync(Read(parsed.GetRequiredValue(shell)).AsMemory(), stop);
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>Answers the scripts: which names of the file system fit, then a line for each word, with its meaning behind a tab.</summary>
    public static Command Answer(CliContext context, Func<Command> root)
    {
        var words = new Argument<string[]>("WORD") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("complete", "Tells a shell what may stand in the place of the last word.") { words };
        command.Hidden = true;
        command.SetAction(async (parsed, stop) =>
        {
            var found = Completer.Complete(root(), parsed.GetValue(words) ?? []);
            var text = new StringBuilder(found.Names.ToString().ToLowerInvariant()).Append('\n');
            foreach (var (word, meaning) in found.Items) text.Append(word).Append('\t').Append(meaning.Split('\n')[0]).Append('\n');
            await context.Out.WriteAsync(text, stop);
            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Read(string shell)
    {
        using var resource = typeof(CompletionCommand).Assembly.GetManifestResourceStream($"completion.{shell}")
            ?? throw new InvalidOperationException($"The script for {shell} is not in the program.");
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
