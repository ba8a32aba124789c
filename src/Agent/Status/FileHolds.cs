using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Status;

/// <summary>Holds files back one by one, whatever becomes of their drive, and lets them go on.</summary>
internal sealed class FileHolds(AgentHost host)
{
    private const int PageSize = 500;

    /// <summary>Holds a file back, or all that waits now at or below a folder; what is saved there later is not held.</summary>
    /// <param name="path">Absolute path in a drive.</param>
    /// <exception cref="CommandException">No drive has this path, or nothing there waits.</exception>
    public PauseAnswer Hold(string path)
    {
        var (drive, below) = MountedDrives.Find(host, path);
        var named = NodeOf(drive, below);
        if (named is { Type: not NodeType.Directory }) return HoldOne(path, drive, below, named, node => drive.Hold([node]));
        var waiting = NodeStates.Page(after => host.Reader.UnsettledNodes(drive.Row.Id, after, PageSize), PageSize).Where(IsWaiting)
            .Select(node => (Row: node, Path: host.Reader.ShownPath(node.Id)))
            .Where(node => NodeStates.IsAtOrBelow(node.Path, below)).ToList();
        if (waiting.Count == 0) throw new CommandException(ExitCodes.NeedsUser, $"{path}: nothing there waits to be sent.");
        drive.Hold([.. waiting.Where(node => !node.Row.IsHeld).Select(node => node.Row.Id)]);
        return Answer(drive, waiting.Select(node => node.Path!));
    }

    /// <summary>Holds a file back and gives up what was sent of it.</summary>
    /// <exception cref="CommandException">No drive has this file, or nothing of it waits.</exception>
    public PauseAnswer Cancel(string path)
    {
        var (drive, below) = MountedDrives.Find(host, path);
        var node = NodeOf(drive, below);
        if (node is { Type: NodeType.Directory })
            throw new CommandException(ExitCodes.NeedsUser, $"{path} is a folder: uploads are cancelled file by file; \"syncagent pause\" holds all that waits in it.");
        return HoldOne(path, drive, below, node, drive.Cancel);
    }

    /// <summary>Lets a file go on, or all that is held back at or below a folder.</summary>
    /// <exception cref="CommandException">No drive has this path, or nothing there is held back.</exception>
    public PauseAnswer Release(string path)
    {
        var (drive, below) = MountedDrives.Find(host, path);
        var held = NodeStates.Page(after => host.Reader.HeldNodes(drive.Row.Id, after, PageSize), PageSize)
            .Select(node => (node.Id, Path: host.Reader.ShownPath(node.Id)))
            .Where(node => NodeStates.IsAtOrBelow(node.Path, below)).ToList();
        if (held.Count == 0) throw new CommandException(ExitCodes.NeedsUser, $"{path}: nothing there is held back by itself.");
        drive.Release([.. held.Select(node => node.Id)]);
        return Answer(drive, held.Select(node => node.Path!));
    }

    private NodeRow? NodeOf(ILiveDrive drive, string below) =>
        below.Length == 0 ? host.Reader.Node(drive.Row.Root) : host.Reader.NodeAtPath(drive.Row.Root, below);

    private static PauseAnswer HoldOne(string path, ILiveDrive drive, string below, NodeRow? node, Action<long> hold)
    {
        if (node is null || !IsWaiting(node))
            throw new CommandException(ExitCodes.NeedsUser, $"{path}: nothing of it waits to be sent{(node is { Problem: not Problem.None } ? "; see what is wrong with it" : "")}.");
        hold(node.Id);
        return Answer(drive, [below]);
    }

    private static bool IsWaiting(NodeRow node) => node.Pending || node.Open is not null;

    private static PauseAnswer Answer(ILiveDrive drive, IEnumerable<string> paths) =>
        new([]) { Paths = [.. paths.Select(path => NodeStates.Absolute(drive.Row, path))] };
}
