using System.Text;

namespace SyncAgent.Tray.Api;

/// <summary>An event of the agent.</summary>
internal sealed record ServerEvent(string Name, string Data);

/// <summary>
/// Reads server-sent events (the WHATWG's text/event-stream), of which the agent uses "event", "data" and comments as signs of life. The
/// framework's parser does not show comments, and without them a stuck agent cannot be told from a quiet one.
/// </summary>
internal sealed class EventStream(Stream stream, TimeProvider time) : IDisposable
{
    /// <summary>The agent sends a comment every 15 seconds: one that says nothing for this long is stuck.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(45);

    private readonly StreamReader _reader = new(stream, Encoding.UTF8);

    /// <summary>The next event; null when the stream ends.</summary>
    /// <exception cref="IOException">It broke, or the agent said nothing for <see cref="LongestSilence"/>.</exception>
    public async Task<ServerEvent?> ReadAsync(CancellationToken cancellationToken)
    {
        var name = "message";
        var data = new StringBuilder();
        while (await ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0)
            {
                // An event without data is none.
                if (data.Length > 0) return new ServerEvent(name, data.ToString(0, data.Length - 1));
                name = "message";
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var field = colon < 0 ? line : line[..colon];
            var value = colon < 0 ? "" : line[(colon + 1)..];
            if (value.StartsWith(' ')) value = value[1..];
            if (field == "event") name = value;
            else if (field == "data") data.Append(value).Append('\n');
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        using var silence = new CancellationTokenSource(LongestSilence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            return await _reader.ReadLineAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException("The agent fell silent.", e);
        }
    }
}
