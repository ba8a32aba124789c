using Microsoft.Extensions.Logging;

namespace SyncAgent.Fs.Core;

/// <summary>Files whose objects cannot be read before somebody does something: said once in the log, and kept for the attribute that
/// says so, until the file is read. Thread-safe.</summary>
internal sealed class ReadTroubles(ILogger logger)
{
    /// <summary>Beyond it, what is known is forgotten and may be logged again.</summary>
    private const int MaxFiles = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, string> _byNode = [];

    /// <summary>Takes note of an error of a read, and returns it.</summary>
    public FsError Note(Node node, FsError error)
    {
        if (error.Kind != FsErrorKind.Archived) return error;
        lock (_lock)
        {
            if (_byNode.Count == MaxFiles) _byNode.Clear();
            if (!_byNode.TryAdd(node.Id, error.Message)) return error;
        }

        logger.LogWarning("{Key} cannot be read, it is in an archive class: {Message}", node.Remote?.Key, error.Message);
        return error;
    }

    /// <summary>A read went well.</summary>
    public void Clear(Node node)
    {
        lock (_lock) _byNode.Remove(node.Id);
    }

    /// <summary>Why a file cannot be read, or null.</summary>
    public string? Of(long node)
    {
        lock (_lock) return _byNode.GetValueOrDefault(node);
    }
}
