using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent config edit</c>: what an editor leaves is checked before it counts, and never lost.</summary>
internal sealed class ConfigEdit(CliContext context)
{
    /// <summary>Edits a file.</summary>
    /// <exception cref="CommandException">There are mistakes, or the file was changed meanwhile; the copy is kept and named.</exception>
    public async Task<int> RunAsync(string path, CancellationToken stop)
    {
        var before = await File.ReadAllTextAsync(path, stop);
        // Beside the file: names in it are relative to its folder.
        var copy = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileNameWithoutExtension(path)}.edit{Path.GetExtension(path)}");
        AtomicFile.Write(copy, before);
        while (true)
        {
            await EditAsync(copy);
            var after = await File.ReadAllTextAsync(copy, CancellationToken.None);
            if (after == before)
            {
                File.Delete(copy);
                await context.Out.WriteLineAsync($"{path}: not changed");
                return ExitCodes.Ok;
            }

            var mistakes = new List<string>();
            ConfigFile.Parse(after, Path.GetDirectoryName(path)!, mistakes);
            if (mistakes.Count == 0) return await PutInPlaceAsync(path, before, copy, after);
            var told = mistakes.Select(mistake => ConfigLines.Place(copy, after, mistake)).ToList();
            if (!context.CanAsk) throw CommandException.Configuration(told);
            foreach (var mistake in told) await context.Error.WriteLineAsync($"syncagent: {mistake}");
            await context.Error.WriteAsync("Edit again (Enter), or leave the file as it was (q)? ");
            if (await context.In.ReadLineAsync(stop) is null or "q")
                throw new CommandException(ExitCodes.Configuration, $"{path} is as it was; what you edited is in {copy}.");
        }
    }

    private async Task<int> PutInPlaceAsync(string path, string before, string copy, string after)
    {
        if (await File.ReadAllTextAsync(path, CancellationToken.None) != before)
            throw new CommandException(ExitCodes.NeedsUser, $"{path} was changed by somebody else meanwhile; what you edited is in {copy}.");
        ConfigText.Replace(path, after);
        File.Delete(copy);
        await context.Out.WriteLineAsync($"{path} is changed. An agent that runs takes it at its next start: \"systemctl [--user] restart syncagent\", or unmount and mount.");
        return ExitCodes.Ok;
    }

    private async Task EditAsync(string file)
    {
        var editor = context.Environment("VISUAL") is { Length: > 0 } visual ? visual
            : context.Environment("EDITOR") is { Length: > 0 } plain ? plain
            : OperatingSystem.IsWindows() ? "notepad" : "vi";
        // As git does it: the variable may have options in it.
        var code = OperatingSystem.IsWindows()
            ? await OtherProgram.RunOnTerminalAsync(editor, [file])
            : await OtherProgram.RunOnTerminalAsync("sh", ["-c", $"{editor} \"$@\"", editor, file]);
        if (code != 0) throw new CommandException(ExitCodes.NeedsUser, $"the editor \"{editor}\" ended with {code}; nothing was changed. $VISUAL or $EDITOR names another.");
    }
}
