using System.Globalization;
using System.Text;
using SyncAgent.Agent.Hosting;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Cli.Listing;

/// <summary>What a mounted drive says of a file by its extended attributes (docs/semantics.md): the same for every program of the machine.</summary>
/// <param name="State">Its state.</param>
internal sealed record DriveAttributes(FileState State)
{
    private const string Prefix = "user.syncagent.";

    /// <summary>Per cent that are sent, of a file that is being sent.</summary>
    public long? Percent { get; private init; }

    /// <summary>What is wrong and what helps, or null.</summary>
    public string? Reason { get; private init; }

    /// <summary>ETag that the bucket last confirmed, or null.</summary>
    public string? ETag { get; private init; }

    /// <summary>Reads those that a file of its state can have.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="withETag">Whether the ETag is wanted.</param>
    /// <returns>Null where the path is in no drive, or is no file or folder: only those have such attributes.</returns>
    public static DriveAttributes? Read(string path, bool withETag = false)
    {
        if (Ask(path, "state") is not { } text || !Enum.TryParse<FileState>(text, ignoreCase: true, out var state)) return null;
        // Most files of a folder are synced: each question is a call of the kernel and of the agent.
        return new DriveAttributes(state)
        {
            Percent = state is FileState.Uploading && long.TryParse(Ask(path, "progress"), CultureInfo.InvariantCulture, out var percent) ? percent : null,
            Reason = state is FileState.Synced ? null : Ask(path, "error"),
            ETag = withETag ? Ask(path, "etag") : null,
        };
    }

    private static unsafe string? Ask(string path, string name)
    {
        const int Longest = 4096;
        var buffer = stackalloc byte[Longest];
        var length = NativeMethods.GetExtendedAttribute(path, Prefix + name, buffer, Longest);
        return length >= 0 ? Encoding.UTF8.GetString(buffer, (int)length) : null;
    }
}
