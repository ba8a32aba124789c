using SyncAgent.Tray.Api;

namespace SyncAgent.Tray.Model;

/// <summary>Makes what is seen from what the agent tells. Pure.</summary>
internal static class ViewBuilder
{
    /// <summary>Most uploads that stand in the menu itself.</summary>
    public const int MaxUploads = 5;

    /// <summary>Most files in a submenu.</summary>
    public const int MaxListed = 10;

    private const string Name = "SyncAgent";

    /// <summary>While the agent answers.</summary>
    public static TrayView Of(StatusSnapshot status)
    {
        var summary = Summary.Of(status);
        List<MenuItem> menu = [new("summary", $"{Name}: {summary}"), .. Troubles(status), MenuItem.Separator("drives-line")];
        var mounted = status.Drives.Count(drive => drive.Mounted);
        menu.AddRange(status.Drives.Select(drive => drive.Mounted && mounted > 1 ? DriveMenu(drive) : DriveItem(drive)));
        if (status.Drives.Count == 0) menu.Add(new("no-drives", "No drives: mount one with \"syncagent mount\""));
        AddUploads(menu, status);
        AddLists(menu, status);
        menu.Add(MenuItem.Separator("actions-line"));
        var which = mounted > 1 ? " all" : "";
        menu.Add(status.Agent.Paused
            ? new("pause", $"Resume{which}") { Action = new SetPaused(false) }
            : new("pause", $"Pause{which}") { Action = new SetPaused(true) });
        menu.Add(new("page", "Open status page") { Action = new OpenPage() });
        AddEnd(menu, Summary.WarningAtQuit(status), status.Pending);
        return new TrayView(status.State, $"{Name}: {summary}", menu);
    }

    /// <summary>While no agent answers.</summary>
    /// <param name="error">What is wrong, where it is more than that.</param>
    public static TrayView WithoutAgent(string? error)
    {
        List<MenuItem> menu = [new("summary", $"{Name}: {Summary.NotRunning}")];
        if (error is not null) menu.Add(new("error", Words.Sentence(error)));
        AddEnd(menu, warning: null, pending: 0);
        return new TrayView(AgentState.Offline, $"{Name}: {Summary.NotRunning}", menu);
    }

    private static IEnumerable<MenuItem> Troubles(StatusSnapshot status)
    {
        if (status.ReadOnlyReason is { } reason) yield return new("read-only", Words.Sentence($"Read-only: {reason}"));
        if (status.DiskProblem is { } problem) yield return new("disk", Words.Sentence($"Disk: {problem}"));
        foreach (var drive in status.Drives.Where(drive => drive.Health is { State: "offline" or "refused", Error: not null }))
            yield return new($"store {drive.MountPoint}", Words.Sentence($"{Words.NameOf(drive.MountPoint)}: {drive.Health.Error}"));
    }

    private static MenuItem DriveItem(DriveStatus drive) => new($"drive {drive.MountPoint}", $"{Words.NameOf(drive.MountPoint)}: {Summary.Of(drive)}")
    {
        Action = drive.Mounted ? new OpenFolder(drive.MountPoint) : null,
    };

    // Of one drive alone the menu itself has all that there is to choose.
    private static MenuItem DriveMenu(DriveStatus drive)
    {
        var name = Words.NameOf(drive.MountPoint);
        return new($"drive {drive.MountPoint}", $"{name}: {Summary.Of(drive)}")
        {
            Children =
            [
                new("open", "Open folder") { Action = new OpenFolder(drive.MountPoint) },
                drive.IsHeld
                    ? new("pause", $"Resume {name}") { Action = new SetPaused(false, drive.MountPoint) }
                    : new("pause", $"Pause {name}") { Action = new SetPaused(true, drive.MountPoint) },
            ],
        };
    }

    private static void AddUploads(List<MenuItem> menu, StatusSnapshot status)
    {
        var active = status.Drives.Where(drive => drive.State != AgentState.Paused).SelectMany(drive => drive.Active)
            .Where(file => file.Path is not null).ToList();
        if (active.Count == 0) return;
        menu.Add(MenuItem.Separator("uploads-line"));
        foreach (var file in active.Take(MaxUploads))
        {
            menu.Add(new($"upload {file.Path}", $"{Words.NameOf(file.Path!)}  {Words.Percent(file.Sent, file.Total)} %")
            {
                Action = new OpenFolder(Words.FolderOf(file.Path!)),
            });
        }

        if (active.Count > MaxUploads) menu.Add(new("uploads-more", $"and {active.Count - MaxUploads} more"));
    }

    private static void AddLists(List<MenuItem> menu, StatusSnapshot status)
    {
        var problems = status.Drives.SelectMany(drive => drive.Problems).Take(MaxListed).ToList();
        var recent = status.Drives.SelectMany(drive => drive.Recent).OrderByDescending(file => file.Time).Take(MaxListed).ToList();
        if (problems.Count + recent.Count > 0) menu.Add(MenuItem.Separator("lists-line"));
        if (problems.Count > 0) menu.Add(ProblemsItem(problems, Math.Max(status.Totals.Problems, problems.Count)));
        if (recent.Count > 0)
        {
            menu.Add(new("recent", "Recent files")
            {
                Children = [.. recent.Select(file => new MenuItem($"recent {file.Path}", $"{Words.NameOf(file.Path)}  {Words.Size(file.Size)}")
                {
                    Action = new OpenFolder(Words.FolderOf(file.Path)),
                })],
            });
        }
    }

    private static MenuItem ProblemsItem(List<ProblemInfo> problems, long count)
    {
        List<MenuItem> children = [.. problems.Select(problem => new MenuItem($"problem {problem.Path}", Explain(problem)) { Action = new OpenFolder(Words.FolderOf(problem.Path)) })];
        if (count > problems.Count) children.Add(new("problems-more", $"and {count - problems.Count} more") { Action = new OpenPage() });
        if (problems.Any(problem => problem.Is("failed")))
        {
            children.Add(MenuItem.Separator("retry-line"));
            children.Add(new("retry", "Try again") { Action = new RetryAll() });
        }

        return new("problems", $"Problems ({count})") { Children = children };
    }

    private static string Explain(ProblemInfo problem) =>
        Words.Sentence($"{Words.NameOf(problem.Path)}: {problem.Reason ?? problem.State.ToLowerInvariant()}");

    private static void AddEnd(List<MenuItem> menu, string? warning, long pending)
    {
        menu.Add(MenuItem.Separator("end-line"));
        menu.Add(new("about", $"About {Name}") { Action = new ShowAbout() });
        menu.Add(new("quit", pending == 0 ? "Quit" : $"Quit ({Words.Count(pending, "file")} still pending)") { Action = new Quit(warning) });
    }
}
