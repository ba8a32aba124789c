using System.CommandLine.Completions;
using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Cli.Completion;

/// <summary>The drives that are mounted now, as words to complete.</summary>
internal static class MountPoints
{
    /// <summary>A source of completions.</summary>
    public static Func<CompletionContext, IEnumerable<CompletionItem>> Of(CliContext context) => _ =>
    {
        try
        {
            return new MountRegistry(StateFolder.Runtime(context.Environment)).All().Select(entry => new CompletionItem(entry.MountPoint, detail: "mounted drive"));
        }
        catch (Exception e) when (e is CommandException or IOException or UnauthorizedAccessException)
        {
            return []; // a Tab is no place for a message
        }
    };
}
