using System.CommandLine;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Configuration.Keys;

namespace SyncAgent.Agent.Cli;

/// <summary>Transfer options and limits on the command line.</summary>
internal static class EngineOptions
{
    /// <summary>Adds those of a drive to a command.</summary>
    public static void AddTo(Command command)
    {
        AddPartsTo(command);
        GivenOptions.AddTo(
            command, TransferKeys.Debounce, TransferKeys.MassDeleteLimit, TransferKeys.Trash, LimitKeys.CacheSize, LimitKeys.ReadCacheSize,
            LimitKeys.Upload, LimitKeys.Download);
    }

    /// <summary>Adds those that say how a file goes up, the same for a drive and for one file.</summary>
    public static void AddPartsTo(Command command) =>
        GivenOptions.AddTo(command, TransferKeys.PartSize, TransferKeys.MultipartThreshold, TransferKeys.ParallelParts, TransferKeys.Checksum);

    /// <summary>What was given.</summary>
    public static EngineSettings Read(GivenOptions given) => EngineReader.ReadTransfer(given).Or(EngineReader.ReadLimits(given));
}
