namespace SyncAgent.Agent.Configuration;

/// <summary>Ranges of <see cref="EngineSettings"/>, for the command line and the configuration file alike.</summary>
internal static class EngineLimits
{
    /// <summary>OSS refuses smaller parts but the last.</summary>
    public const long MinPartSize = 100L << 10;

    /// <summary>OSS refuses larger parts.</summary>
    public const long MaxPartSize = 5L << 30;

    /// <summary>OSS refuses larger single puts.</summary>
    public const long MaxMultipartThreshold = 5L << 30;

    public const int MaxParallelParts = 64;

    /// <summary>One for small files and one for large ones, so that neither kind holds up the other.</summary>
    public const int MinParallelFiles = 2;

    public const int MaxParallelFiles = 256;

    public const double MaxDebounceSeconds = 3600;

    public const double MinReadTimeoutSeconds = 1;

    public const double MaxReadTimeoutSeconds = 3600;
}
