using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration;

/// <summary>Which bucket the user means, not checked yet. Null where nothing was given.</summary>
internal sealed record TargetDraft
{
    public string? Store { get; init; }

    public string? Endpoint { get; init; }

    public string? Region { get; init; }

    public string? Bucket { get; init; }

    public string? Prefix { get; init; }

    public OssAddressing? Addressing { get; init; }

    public S3ConditionalWrites? ConditionalWrites { get; init; }

    public bool Internal { get; init; }

    public bool AllowHttp { get; init; }
}

/// <summary>How the user wants to get there, not checked yet. Null where nothing was given.</summary>
internal sealed record AccessDraft
{
    public CredentialsSettings? Credentials { get; init; }

    public string? Proxy { get; init; }

    /// <summary>Absolute path.</summary>
    public string? CaFile { get; init; }

    public TimeSpan? ConnectTimeout { get; init; }

    public TimeSpan? StallTimeout { get; init; }

    public TimeSpan? ResponseTimeout { get; init; }

    public TimeSpan? IdleTimeout { get; init; }

    public int? MaxConnections { get; init; }

    /// <summary>A target with what was given in place of its own.</summary>
    public TargetSettings ApplyTo(TargetSettings target) => target with
    {
        Credentials = Credentials ?? target.Credentials,
        Connection = target.Connection with
        {
            Proxy = Proxy ?? target.Connection.Proxy,
            CaFile = CaFile ?? target.Connection.CaFile,
            ConnectTimeout = ConnectTimeout ?? target.Connection.ConnectTimeout,
            StallTimeout = StallTimeout ?? target.Connection.StallTimeout,
            ResponseTimeout = ResponseTimeout ?? target.Connection.ResponseTimeout,
            IdleTimeout = IdleTimeout ?? target.Connection.IdleTimeout,
            MaxConnections = MaxConnections ?? target.Connection.MaxConnections,
        },
    };
}
