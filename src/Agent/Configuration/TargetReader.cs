namespace SyncAgent.Agent.Configuration;

/// <summary>Reads a target from a section of the configuration file.</summary>
internal static class TargetReader
{
    private const double MaxSeconds = 3600;

    /// <summary>Which bucket.</summary>
    public static TargetDraft ReadTarget(ConfigSection section) => new()
    {
        Store = section.Text("store"),
        Endpoint = section.Text("endpoint"),
        Region = section.Text("region"),
        Bucket = section.Text("bucket"),
        Prefix = section.Text("prefix"),
        Addressing = section.Text("addressing"),
        ConditionalWrites = section.Text("conditionalWrites"),
        Internal = section.Flag("internal"),
        AllowHttp = section.Flag("allowHttp"),
    };

    /// <summary>How to get there. Relative paths are relative to <paramref name="folder"/>.</summary>
    public static AccessDraft ReadAccess(ConfigSection section, string folder, ICollection<string> mistakes) => new()
    {
        Credentials = CredentialsReader.Read(section, "credentials", folder, mistakes),
        Proxy = section.Text("proxy"),
        CaFile = section.Text("caFile") is { Length: > 0 } file ? CredentialsReader.Absolute(file, folder) : null,
        ConnectTimeout = section.Seconds("connectTimeoutSeconds", 1, 300),
        StallTimeout = section.Seconds("stallTimeoutSeconds", 1, MaxSeconds),
        ResponseTimeout = section.Seconds("responseTimeoutSeconds", 1, MaxSeconds),
        IdleTimeout = section.Seconds("idleTimeoutSeconds", 1, MaxSeconds),
        MaxConnections = section.Number("maxConnections", 1, 10_000),
    };
}
