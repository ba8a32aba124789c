using System.Reflection;
using SyncAgent.Tray.Api;
using SyncAgent.Tray.Model;
using SyncAgent.Tray.Notifications;

namespace SyncAgent.Tray;

/// <summary>The tray: what the agent tells goes to the desktop, what the user chooses goes to the agent.</summary>
internal sealed class TrayApplication(string stateFolder, ITrayShell shell, TimeProvider time, Action<string> open)
{
    /// <summary>WinFsp's licence asks for this notice in the user interface of whatever uses it.</summary>
    private const string WinFspNotice =
        "WinFsp - Windows File System Proxy, Copyright (C) Bill Zissimopoulos\nhttps://github.com/winfsp/winfsp";

    /// <summary>Faulted when an action ended in a way that nobody foresaw: the tray ends too, and says how.</summary>
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The version of this program.</summary>
    public static string Version { get; } =
        typeof(TrayApplication).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>Runs until the user quits, the session ends, or it is cancelled.</summary>
    /// <exception cref="ShellException">There is no place for a tray.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var rules = new NotificationRules(time, shell.Notify);
        var ended = shell.RunAsync(ViewBuilder.WithoutAgent(error: null), action => _ = ActAsync(action, stop.Token));
        var following = new AgentLink(stateFolder, time).RunAsync(
            update =>
            {
                rules.Take(update);
                if (ViewOf(update) is { } view) shell.Show(view);
            },
            stop.Token);
        await Task.WhenAny(ended, following, _broken.Task);
        await stop.CancelAsync();
        shell.Close();
        try
        {
            await following;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // it ends in no other way
        }

        if (_broken.Task.IsFaulted) await _broken.Task;
        // A question that nobody answers does not keep a session from ending.
        if (!cancellationToken.IsCancellationRequested || ended.IsCompleted) await ended;
    }

    private static TrayView? ViewOf(AgentUpdate update) => update switch
    {
        StatusChanged { Status: var status } => ViewBuilder.Of(status),
        AgentAway { Error: var error } => ViewBuilder.WithoutAgent(error),
        _ => null,
    };

    private async Task ActAsync(TrayAction action, CancellationToken cancellationToken)
    {
        try
        {
            switch (action)
            {
                case OpenFolder { Path: var path }:
                    open(path);
                    break;
                case OpenPage:
                    await AskAgentAsync(async agent => open(await agent.CreatePageUrlAsync(cancellationToken)), cancellationToken);
                    break;
                case SetPaused { Paused: var paused, MountPoint: var mountPoint }:
                    await AskAgentAsync(agent => agent.SetPausedAsync(paused, mountPoint, cancellationToken), cancellationToken);
                    break;
                case RetryAll:
                    await AskAgentAsync(agent => agent.RetryAsync(cancellationToken), cancellationToken);
                    break;
                case ShowAbout:
                    shell.Tell($"SyncAgent {Version.Split('+')[0]}", AboutText);
                    break;
                case Quit { Warning: var warning }:
                    if (warning is null || await shell.AskAsync("Quit the tray?", warning, "Quit")) shell.Close();
                    break;
            }
        }
        catch (Exception e) when (e is AgentException or ShellException)
        {
            shell.Notify(new Notification("SyncAgent", e.Message, IsUrgent: false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // the tray ends
        }
        catch (Exception e)
        {
            _broken.TrySetException(e);
        }
    }

    private static string AboutText =>
        "A local virtual drive over an object store. Licence: Apache-2.0." + (OperatingSystem.IsWindows() ? $"\n\n{WinFspNotice}" : "");

    // A connection of its own for each request: the one that follows may be just breaking.
    private async Task AskAgentAsync(Func<AgentConnection, Task> ask, CancellationToken cancellationToken)
    {
        using var agent = await AgentConnection.TryOpenAsync(stateFolder, time, cancellationToken)
            ?? throw new AgentException($"No agent answers for {stateFolder}: mount a drive with \"syncagent mount\".");
        await ask(agent);
    }
}
