using System.Globalization;

namespace SyncAgent.DevStore;

/// <summary>The client's connection is to be cut.</summary>
internal sealed class ConnectionCutException() : IOException("The fault plan cuts this connection.");

/// <summary>The faults that one request has drawn.</summary>
internal sealed class RequestFaults(IReadOnlyList<FaultRule> rules, Throttle? server, TimeProvider time)
{
    private readonly Throttle? _own = Find(rules, FaultKind.Bandwidth) is { } rule ? new Throttle(rule.BytesPerSecond, time) : null;

    public static RequestFaults None { get; } = new([], null, TimeProvider.System);

    public IReadOnlyList<FaultKind> Kinds { get; } = [.. rules.Select(r => r.Kind)];

    public bool Has(FaultKind kind) => Find(rules, kind) is not null;

    /// <summary>Whether the request has a body; body faults go for the answer otherwise.</summary>
    public bool HitsAnswer { get; set; }

    public Task DelayAsync(CancellationToken ct) => Find(rules, FaultKind.Latency) is { } rule
        ? Task.Delay(TimeSpan.FromMilliseconds(rule.LatencyMilliseconds), time, ct)
        : Task.CompletedTask;

    public OssException? Error => Find(rules, FaultKind.Error) is { } rule
        ? new OssException(rule.Status, rule.Code, "Ordered by the fault plan.") { Headers = [.. rule.Headers.Select(h => (h.Key, h.Value))] }
        : null;

    public async Task ThrottleAsync(int bytes, CancellationToken ct)
    {
        if (_own is not null) await _own.WaitAsync(bytes, ct);
        if (server is not null) await server.WaitAsync(bytes, ct);
    }

    /// <summary>How many more bytes of the request's body may be read.</summary>
    public long AllowedBeforeReset(long position) => HitsAnswer ? long.MaxValue : Allowed(position);

    public long AllowedBeforeAnswerReset(long position) => HitsAnswer ? Allowed(position) : long.MaxValue;

    public void Corrupt(long position, Span<byte> received)
    {
        if (!HitsAnswer) Flip(position, received);
    }

    public void CorruptAnswer(long position, Span<byte> sent)
    {
        if (HitsAnswer) Flip(position, sent);
    }

    public void ApplyTo(OssResponse response)
    {
        const string header = "x-oss-hash-crc64ecma";
        if (Has(FaultKind.WrongCrc) && response.Headers.TryGetValue(header, out string? crc))
            response.Headers[header] = (ulong.Parse(crc, CultureInfo.InvariantCulture) ^ 1).ToString(CultureInfo.InvariantCulture);
    }

    private long Allowed(long position)
    {
        if (Find(rules, FaultKind.ResetMidBody) is not { } rule) return long.MaxValue;
        return position < rule.AfterBytes ? rule.AfterBytes - position : throw new ConnectionCutException();
    }

    private void Flip(long position, Span<byte> bytes)
    {
        if (Find(rules, FaultKind.CorruptByte) is not { } rule) return;
        long index = rule.AfterBytes - position;
        if (index >= 0 && index < bytes.Length) bytes[(int)index] ^= 1;
    }

    private static FaultRule? Find(IReadOnlyList<FaultRule> rules, FaultKind kind)
    {
        foreach (FaultRule rule in rules)
        {
            if (rule.Kind == kind) return rule;
        }

        return null;
    }
}
