using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Status;

/// <summary>Holds files back one by one, whatever becomes of their drive, and lets them go on.</summary>
internal sealed class FileHolds(AgentHost host)
{
    private const int PageSize = 500;

    /// <summary>Holds a file back.</summary>
    /// <param name="path">Absolute path in a drive.</param>
    /// <param name="cancel">Whether what was sent of it is given up.</param>
    /// <exception cref="CommandException">No drive has this file, or nothing of it waits.</exception>
    public PauseAnswer Hold(string path, bool cancel)
    {
        var (drive, below) = MountedDrives.Find(host, path);
        var node = below.Length == 0 ? null : host.Reader.NodeAtPath(drive.Row.Root, below);
        if (node is { Type: NodeType.Directory } || below.Length == 0)
            throw new CommandException(ExitCodes.NeedsUser, $"{path} is a folder: name a file, or hold the whole drive.");
        if (node is null || !(node.Pending || node.Open is not null))
            throw new CommandException(ExitCodes.NeedsUser, $"{path}: nothing of it waits to be sent{(node is { Problem: not Problem.None } ? "; see what is wrong with it" : "")}.");
        drive.Hold(node.Id, cancel);
        return new PauseAnswer([]) { Paths = [NodeStates.Absolute(drive.Row, below)] };
    }

    /// <summary>Lets a file go on, or all that are held back below a folder.</summary>
    /// <exception cref="CommandException">No drive has this path, or nothing there is held back.</exception>
    public PauseAnswer Release(string path)
    {
        var (drive, below) = MountedDrives.Find(host, path);
        var held = NodeStates.Page(after => host.Reader.HeldNodes(drive.Row.Id, after, PageSize), PageSize)
            .Select(node => (node.Id, Path: host.Reader.ShownPath(node.Id)))
            .Where(node => NodeStates.IsAtOrBelow(node.Path, below)).ToList();
        if (held.Count == 0) throw new CommandException(ExitCodes.NeedsUser, $"{path}: nothing there is held back by itself.");
        drive.Release([.. held.Select(node => node.Id)]);
        return new PauseAnswer([]) { Paths = [.. held.Select(node => NodeStates.Absolute(drive.Row, node.Path!))] };
    }
}
