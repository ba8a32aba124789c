using SyncAgent.Agent.Configuration.Keys;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Configuration;

/// <summary>Reads transfer options and limits.</summary>
internal static class EngineReader
{
    /// <summary>What is given for the keys of <c>transfer</c>.</summary>
    public static EngineSettings ReadTransfer(GivenValues given) => new()
    {
        PartSize = given.Value(TransferKeys.PartSize),
        MultipartThreshold = given.Value(TransferKeys.MultipartThreshold),
        ParallelParts = given.Value(TransferKeys.ParallelParts),
        Checksum = given.Value(TransferKeys.Checksum),
        ParallelFiles = given.Value(TransferKeys.ParallelFiles),
        Debounce = given.Value(TransferKeys.Debounce),
        MassDeleteLimit = given.Value(TransferKeys.MassDeleteLimit),
        Trash = ReadTrash(given),
    };

    /// <summary>What is given for the keys of <c>limits</c>.</summary>
    public static EngineSettings ReadLimits(GivenValues given) => new()
    {
        CacheSize = given.Value(LimitKeys.CacheSize),
        ReadCacheSize = given.Value(LimitKeys.ReadCacheSize),
        ReadTimeout = given.Value(LimitKeys.ReadTimeout),
        StagingReserve = given.Value(LimitKeys.StagingReserve),
        NodesInMemory = given.Value(LimitKeys.NodesInMemory),
        LearnPerSecond = given.Value(LimitKeys.LearnPerSecond),
        UploadLimit = given.Value(LimitKeys.Upload),
        DownloadLimit = given.Value(LimitKeys.Download),
        Timetable = BandwidthReader.ReadTimetable(given),
    };

    private static string? ReadTrash(GivenValues given)
    {
        var trash = given.Text(TransferKeys.Trash);
        if (string.IsNullOrEmpty(trash) || TransferOptions.IsTrashPrefix(trash)) return trash;
        given.Refuse(TransferKeys.Trash, $"\"{trash}\": expected a path below the drive's prefix that ends in \"/\" and does not begin with one, like \".syncagent/trash/\".");
        return null;
    }
}
