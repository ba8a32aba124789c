using System.Text.Json;
using SyncAgent.Agent.Composition;

namespace SyncAgent.Agent.Status;

/// <summary>Takes one picture of an agent after the other, and tells what is new in each. Not thread-safe.</summary>
internal sealed class StatusPictures(AgentHost host, StatusBuilder builder)
{
    private readonly StatusEvents _events = new(host.Reader, host.Time);
    private byte[] _last = [];

    /// <summary>A picture for somebody who begins to watch, of the moment.</summary>
    public static byte[] First(StatusBuilder builder) => StatusEvents.Status(Serialize(builder.Build()));

    /// <summary>Takes the next one.</summary>
    /// <returns>It as an event, or null when it equals the one before; and what is news.</returns>
    public (byte[]? Status, IReadOnlyList<byte[]> News) Next()
    {
        var snapshot = builder.Build(mayLag: true);
        var bytes = Serialize(snapshot);
        var news = _events.Look(snapshot);
        if (bytes.AsSpan().SequenceEqual(_last)) return (null, news);
        _last = bytes;
        return (StatusEvents.Status(bytes), news);
    }

    private static byte[] Serialize(StatusSnapshot snapshot) => JsonSerializer.SerializeToUtf8Bytes(snapshot, ControlJson.Default.StatusSnapshot);
}
