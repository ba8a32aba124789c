using Microsoft.Extensions.Logging;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>What the staging file says of itself (see <see cref="StagingMark"/>): set when it is begun, closed, or written after a close.</summary>
internal sealed partial class OpenFile
{
    // Key of the file below the drive's prefix as it was when it was last opened or renamed; null when its name is gone.
    private string? _place;

    // What the staging file was last marked with, so that a seal right after a close does not say it again.
    private (long Size, ulong? Crc, string? Place)? _marked;

    /// <summary>The file has a name, or another one. Called under the tree's lock.</summary>
    public void Place(string? path)
    {
        lock (_lock) _place = path;
    }

    private void MarkOpenNeedsLock()
    {
        _marked = null;
        MarkNeedsLock(_generation! with { State = GenerationState.Open });
    }

    private void MarkClosedNeedsLock(long size, ulong? crc)
    {
        if (_marked == (size, crc, _place)) return;
        MarkNeedsLock(_generation! with { State = GenerationState.Sealed, Size = size, Crc = crc });
        _marked = (size, crc, _place);
    }

    private void MarkNeedsLock(Generation generation)
    {
        var remote = _node.Remote is { ETag: not null } known && _place is not null && known.Key == _services.Drive.Prefix + _place ? known : null;
        var mark = new StagingMark
        {
            Drive = _services.Drive,
            Node = _node.Id,
            Generation = generation.Id,
            State = generation.State,
            Size = generation.Size,
            Crc = generation.Crc,
            Boot = MachineBoot.Id,
            Base = generation.Base,
            BaseGeneration = generation.BaseGeneration,
            BaseKey = generation.BaseKey,
            BaseETag = generation.BaseETag,
            BaseSize = generation.BaseSize,
            RemoteETag = remote?.ETag,
            RemoteCrc = remote?.Crc,
            RemoteSize = remote?.Size ?? 0,
            Mode = _node.Mode,
            Uid = _node.Uid,
            Gid = _node.Gid,
            ModifyTime = _node.ModifyTime,
            Ignored = _node.IsIgnored,
            Path = _place,
        };
        try
        {
            _services.Journal.Files.Mark(generation.Staging, mark);
        }
        catch (IOException e)
        {
            // Only a help for the day on which the journal is lost: the content itself is safe without it.
            if (_services.MarkWarning.IsDue()) _services.Logger.LogWarning("staging file {Staging} cannot be marked: {Message}", generation.Staging, e.Message);
        }
    }
}
