using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Windows;

/// <summary>What a path of Windows names.</summary>
/// <param name="Parent">The folder; the root is its own.</param>
/// <param name="Name">The drive's name: as it is where something has it, as it is to be where nothing has; empty for the root.</param>
/// <param name="Found">What has the name, or null.</param>
/// <param name="Path">The path as Windows is shown it: with the case of the names found.</param>
internal readonly record struct Place(NodeId Parent, string Name, (NodeId Id, NodeKind Kind)? Found, string Path);
