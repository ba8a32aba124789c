using System.Text.RegularExpressions;

namespace SyncAgent.Store;

/// <summary>Which role to take on, and how: the parameters of STS's AssumeRole.</summary>
public sealed partial record AssumeRoleOptions
{
    /// <summary>The role's ARN, e.g. <c>acs:ram::123456789012****:role/backup</c>.</summary>
    public string RoleArn { get; init; } = "";

    /// <summary>Names the session in the account's audit log: 2 to 64 letters, digits, ".", "@", "-" and "_".</summary>
    public string SessionName { get; init; } = "syncagent";

    /// <summary>How long the credentials are to live: 15 minutes to 12 hours, at most what the role allows. Null for STS's own hour.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>A policy (JSON) that narrows the role's further, or null.</summary>
    public string? Policy { get; init; }

    /// <summary>What the role's owner demands of a third party, or null.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Region of the STS endpoint, or null for the central one.</summary>
    public string? Region { get; init; }

    /// <summary>Another endpoint (https, or http to this machine), or null.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Where calls go.</summary>
    internal Uri Service => Endpoint ?? new Uri(Region is null ? "https://sts.aliyuncs.com/" : $"https://sts.{Region}.aliyuncs.com/");

    /// <summary>Every mistake in these options, one sentence each; empty when they can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (!ArnPattern().IsMatch(RoleArn)) errors.Add($"RoleArn \"{RoleArn}\": expected acs:ram::ACCOUNT:role/NAME.");
        if (!SessionPattern().IsMatch(SessionName)) errors.Add($"SessionName \"{SessionName}\": 2 to 64 letters, digits, \".\", \"@\", \"-\" and \"_\".");
        if (Duration is { } duration && (duration < TimeSpan.FromMinutes(15) || duration > TimeSpan.FromHours(12)))
            errors.Add($"Duration {duration}: expected 15 minutes to 12 hours.");
        if (Policy?.Length > 2048) errors.Add("Policy: at most 2,048 characters.");
        if (ExternalId is { Length: < 2 or > 1224 }) errors.Add("ExternalId: 2 to 1,224 characters.");
        if (Region is not null && !RegionPattern().IsMatch(Region)) errors.Add($"Region \"{Region}\": expected something like cn-hangzhou.");
        if (Endpoint is not null && Endpoint.Scheme != "https" && !(Endpoint.Scheme == "http" && Endpoint.IsLoopback))
            errors.Add($"Endpoint {Endpoint}: expected https; the answer holds a secret.");
        return errors;
    }

    [GeneratedRegex("^acs:ram::[0-9A-Za-z*]+:role/[A-Za-z0-9.@_/-]+$", RegexOptions.CultureInvariant)]
    private static partial Regex ArnPattern();

    [GeneratedRegex("^[A-Za-z0-9.@_-]{2,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex SessionPattern();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex RegionPattern();
}
