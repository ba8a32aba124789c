namespace SyncAgent.Store;

/// <summary>How to reach a store, whatever its protocol. Printing it shows no password.</summary>
public sealed record ConnectionOptions
{
    /// <summary>The value of <see cref="Proxy"/> that goes through none.</summary>
    public const string NoProxy = "none";

    /// <summary>The proxy's URL (http, https, socks4, socks4a or socks5; <c>http://user:password@host:3128</c>), "none" for no
    /// proxy, or null for what the environment names (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY). Never used to reach this machine.</summary>
    public string? Proxy { get; init; }

    /// <summary>PEM file with certificate authorities that are trusted besides the system's, or null.</summary>
    public string? CaFile { get; init; }

    /// <summary>To establish a connection, 1 second to 5 minutes.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time without one byte of progress while a body is under way in either direction, 1 second to 1 hour.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From the last byte of a request to the answer's first, 1 second to 1 hour. Long enough for the bytes
    /// that the operating system still holds, for a Complete of 10,000 parts and for a copy of 1 GB; where there is nothing of that to wait for,
    /// <see cref="StallTimeout"/> holds when it is shorter.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an unused connection is kept, 1 second to 1 hour; below the minute after which load balancers drop it.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>Connections at the same time, 1 to 10,000; a request beyond them waits.</summary>
    public int MaxConnections { get; init; } = 256;

    /// <summary>Every mistake in these options, one sentence each; empty when they can be used. Looks into <see cref="CaFile"/>.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (ProxyAddress.Fault(Proxy) is { } proxyFault) errors.Add($"Proxy: {proxyFault}");
        if (CaFile is not null && CertificateTrust.Fault(CaFile) is { } caFault) errors.Add($"CaFile {CaFile}: {caFault}");
        CheckTime(nameof(ConnectTimeout), ConnectTimeout, TimeSpan.FromMinutes(5), errors);
        CheckTime(nameof(StallTimeout), StallTimeout, TimeSpan.FromHours(1), errors);
        CheckTime(nameof(ResponseTimeout), ResponseTimeout, TimeSpan.FromHours(1), errors);
        CheckTime(nameof(IdleTimeout), IdleTimeout, TimeSpan.FromHours(1), errors);
        if (MaxConnections is < 1 or > 10_000) errors.Add($"MaxConnections {MaxConnections}: expected 1 to 10,000.");
        return errors;
    }

    /// <summary>How long the first byte of an answer may take after the last of the request. A silent store must be noticed soon: whoever waits
    /// for it holds a place that others need when it is back.</summary>
    /// <param name="operation">The call's name in the store's documentation.</param>
    /// <param name="bodyLength">Bytes of the request's body.</param>
    internal TimeSpan AnswerTimeout(string operation, long bodyLength)
    {
        const long HeldByTheSystem = 1 << 20;
        var isWork = operation.Contains("Copy", StringComparison.Ordinal) || operation.StartsWith("Complete", StringComparison.Ordinal);
        return isWork || bodyLength > HeldByTheSystem || ResponseTimeout < StallTimeout ? ResponseTimeout : StallTimeout;
    }

    /// <summary>These options without the proxy's user and password, to be written down.</summary>
    public ConnectionOptions WithoutSecrets() => Proxy is null ? this : this with { Proxy = ProxyAddress.Show(Proxy) };

    /// <summary>Whether a proxy's URL has a password in it.</summary>
    public static bool HasPassword(string proxy) =>
        Uri.TryCreate(proxy, UriKind.Absolute, out var uri) && uri.UserInfo.Contains(':', StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() =>
        $"proxy {ProxyAddress.Show(Proxy)}, CA file {CaFile ?? "none"}, time-outs {ConnectTimeout}, {StallTimeout}, {ResponseTimeout}, "
        + $"{IdleTimeout}, at most {MaxConnections} connections";

    private static void CheckTime(string name, TimeSpan value, TimeSpan most, List<string> errors)
    {
        if (value < TimeSpan.FromSeconds(1) || value > most) errors.Add($"{name} {value}: expected 1 second to {most}.");
    }
}
