using SyncAgent.Agent.Configuration;
using SyncAgent.Store;

namespace SyncAgent.Agent.Setup;

/// <summary>A bucket that somebody wants to try or to mount: the body of the API's <c>setup</c> paths.</summary>
internal sealed record SetupRequest
{
    /// <summary>"oss" (default) or "s3".</summary>
    public string? Store { get; init; }

    /// <summary>Host or URL; may be left out where the region tells it.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Region id.</summary>
    public string? Region { get; init; }

    /// <summary>Bucket name.</summary>
    public string? Bucket { get; init; }

    /// <summary>Prefix, or nothing for the whole bucket.</summary>
    public string? Prefix { get; init; }

    /// <summary>Allow http to another machine.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>The keys.</summary>
    public StoreCredentials? Credentials { get; init; }

    /// <summary>Where to mount, an absolute path.</summary>
    public string? MountPoint { get; init; }

    /// <summary>Name of the keys' profile in the credentials file; the bucket's when it is left out.</summary>
    public string? Name { get; init; }

    /// <summary>The bucket, checked.</summary>
    /// <returns>Null with at least one mistake added, which names the field.</returns>
    public TargetSettings? ToTarget(ICollection<string> mistakes)
    {
        if (string.IsNullOrWhiteSpace(Credentials?.AccessKeyId)) mistakes.Add("accessKeyId: not set.");
        if (string.IsNullOrWhiteSpace(Credentials?.AccessKeySecret)) mistakes.Add("accessKeySecret: not set.");
        var draft = new TargetDraft { Store = Store, Endpoint = Endpoint, Region = Region, Bucket = Bucket, Prefix = Prefix, AllowHttp = AllowHttp };
        var target = TargetValidator.Check(draft, new AccessDraft(), name => name, mistakes);
        return mistakes.Count == 0 ? target : null;
    }
}

/// <summary>What was tried with a bucket.</summary>
/// <param name="Ok">Whether a drive can work on it.</param>
/// <param name="Checks">The steps, in the order in which they were taken; the first that makes the next ones pointless is the last.</param>
internal sealed record SetupReport(bool Ok, IReadOnlyList<SetupStep> Checks);

/// <summary>One thing that was tried.</summary>
/// <param name="Name">"connection", "clock", "keys", "bucket", "list", "read", "write" or "delete".</param>
/// <param name="Ok">Whether it is as it should be.</param>
/// <param name="Detail">What was seen, in a sentence without a stop.</param>
/// <param name="Remedy">What to do about it, or null.</param>
internal sealed record SetupStep(string Name, bool Ok, string Detail, string? Remedy = null);
