using System.Text.Json.Serialization;
using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration;

/// <summary>Where keys come from.</summary>
internal enum CredentialsSource
{
    /// <summary>Environment variables.</summary>
    Environment,

    /// <summary>A profile of a file.</summary>
    File,

    /// <summary>A command that prints them.</summary>
    Process,

    /// <summary>The RAM role of the ECS instance.</summary>
    Ecs,

    /// <summary>A RAM role, by STS.</summary>
    AssumeRole,
}

/// <summary>A source of keys, checked. Holds none itself, but what leads to them: only <see cref="WithoutSecrets"/> may be written down.</summary>
internal sealed record CredentialsSettings
{
    /// <summary>Keys from the environment.</summary>
    public static CredentialsSettings Environment { get; } = new();

    /// <summary>Which kind.</summary>
    public CredentialsSource Source { get; init; }

    /// <summary>File: absolute path, or null for the usual one of the store's tools.</summary>
    public string? Path { get; init; }

    /// <summary>File: the profile, or null for the default one.</summary>
    public string? Profile { get; init; }

    /// <summary>Process: the command line. Its arguments may hold a password.</summary>
    public string? Command { get; init; }

    /// <summary>Process: whether the command line is the shell's to read.</summary>
    public bool Shell { get; init; }

    /// <summary>Process: how long it may take; null for a minute.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Ecs: name of the role, or null for the instance's own.</summary>
    public string? Role { get; init; }

    /// <summary>AssumeRole: the role.</summary>
    public AssumeRoleOptions? AssumeRole { get; init; }

    /// <summary>AssumeRole: whose keys ask for it; null for those of the environment.</summary>
    public CredentialsSettings? Base { get; init; }

    /// <summary>Whether a part of this was left out when it was written down: it says where keys come from, and does not do to get them.</summary>
    public bool Withheld { get; init; }

    /// <summary>The same without what may be a secret: a command with its arguments, and what a role's owner demands of a third party.</summary>
    [JsonIgnore]
    public CredentialsSettings WithoutSecrets => this with
    {
        Command = null,
        AssumeRole = AssumeRole is null ? null : AssumeRole with { ExternalId = null },
        Base = Base?.WithoutSecrets,
        Withheld = Withheld || Source is CredentialsSource.Process || AssumeRole?.ExternalId is not null || Base is { WithoutSecrets.Withheld: true },
    };

    /// <summary>Whether the environment must hold keys.</summary>
    [JsonIgnore]
    public bool NeedsEnvironment => Source switch
    {
        CredentialsSource.Environment => true,
        CredentialsSource.AssumeRole => Base?.NeedsEnvironment ?? true,
        _ => false,
    };
}
