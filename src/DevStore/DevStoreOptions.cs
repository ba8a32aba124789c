using System.Net;
using Microsoft.Extensions.Logging;

namespace SyncAgent.DevStore;

/// <summary>How a <see cref="DevStoreServer"/> runs. The defaults behave like the real service where that is affordable.</summary>
public sealed record DevStoreOptions
{
    /// <summary>Folder that holds everything the server keeps. Created when missing; one server per folder.</summary>
    public required string RootDirectory { get; init; }

    /// <summary>TCP port, 0 for any free one.</summary>
    public int Port { get; init; }

    /// <summary>Address to listen on. Anything but loopback is refused: the server is a development tool without TLS.</summary>
    public IPAddress BindAddress { get; init; } = IPAddress.Loopback;

    /// <summary>Keys that may sign requests. Empty means that every request is refused.</summary>
    public IReadOnlyList<DevStoreCredential> Credentials { get; init; } = [];

    /// <summary>Region that signatures of version 4 must name, e.g. <c>cn-hangzhou</c> (never <c>oss-cn-hangzhou</c>).</summary>
    public string Region { get; init; } = "cn-hangzhou";

    /// <summary>Buckets that exist once the server has started.</summary>
    public IReadOnlyList<string> CreateBuckets { get; init; } = [];

    /// <summary>Buckets that exist once the server has started and keep every version of their objects.</summary>
    public IReadOnlyList<string> VersionedBuckets { get; init; } = [];

    /// <summary>Host names bound to a bucket (OSS calls it a CNAME): host without port to bucket.</summary>
    public IReadOnlyDictionary<string, string> Cnames { get; init; } = new Dictionary<string, string>();

    /// <summary>Secret that opens the control API under <c>/-/devstore/</c>; null switches that API off.</summary>
    public string? ControlToken { get; init; }

    /// <summary>Clock for dates, skew checks and expiry.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Whether an acknowledged change survives a power cut (fsync). Without it, it still survives a kill.</summary>
    public bool DurableWrites { get; init; } = true;

    /// <summary>Whether copies, of objects and into parts, carry a CRC-64. The service may leave it out; tests switch it off to see what clients do then.</summary>
    public bool CrcOnCopies { get; init; } = true;

    /// <summary>Largest body of PutObject and of one part, in bytes. OSS: 5 GB.</summary>
    public long MaxPutBytes { get; init; } = 5L << 30;

    /// <summary>Largest source of CopyObject, in bytes. OSS: 1 GB.</summary>
    public long MaxCopyBytes { get; init; } = 1L << 30;

    /// <summary>Smallest part but the last, in bytes. OSS: 100 KB.</summary>
    public long MinPartBytes { get; init; } = 100 << 10;

    /// <summary>Requests kept in <see cref="RequestLog"/>; older ones live on in the totals only.</summary>
    public int LogCapacity { get; init; } = 100_000;

    /// <summary>Called with the length of <c>metadata.log</c> in bytes after each change, before anybody can see it: the folder with its log cut
    /// there, and with the blobs that are in it now, holds that moment. Must be quick and must not call the server.</summary>
    public Action<long>? Committed { get; init; }

    /// <summary>Where unexpected failures are reported; null for nowhere (they still answer 500).</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}

/// <summary>One key pair, optionally a temporary one of STS.</summary>
/// <param name="AccessKeyId">Public part, sent with each request.</param>
/// <param name="AccessKeySecret">Secret part, never logged.</param>
/// <param name="SecurityToken">Token that a temporary key must come with; null for a long-lived key.</param>
/// <param name="ExpiresAt">When the key stops working; null for never.</param>
public sealed record DevStoreCredential(
    string AccessKeyId, string AccessKeySecret, string? SecurityToken = null, DateTimeOffset? ExpiresAt = null)
{
    /// <summary>Shows the key id only.</summary>
    public override string ToString() => $"DevStoreCredential {{ {AccessKeyId} }}";
}
