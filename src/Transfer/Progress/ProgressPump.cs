using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace SyncAgent.Transfer;

/// <summary>Calls a listener, so that whatever it does happens beside the transfer and never in its way.</summary>
internal sealed class ProgressPump : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the end of a transfer waits for its listener.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly Channel<Edge> _edges = Channel.CreateUnbounded<Edge>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TransferMonitor _monitor;
    private readonly IProgress<TransferEvent> _listener;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _running;
    private int _attempt;
    private long _reported;

    public ProgressPump(TransferMonitor monitor, IProgress<TransferEvent> listener, TimeProvider time, ILogger logger)
    {
        _monitor = monitor;
        _listener = listener;
        _time = time;
        _logger = logger;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Something that is reported each time it happens.</summary>
    public void Tell(TransferEventKind kind, Exception? error = null)
    {
        var (attempt, transferred, total) = _monitor.Snapshot();
        _edges.Writer.TryWrite(new Edge(kind, attempt, transferred, total, error));
    }

    public async ValueTask DisposeAsync()
    {
        _edges.Writer.TryComplete();
        using var enough = new CancellationTokenSource();
        await Task.WhenAny(_running, Task.Delay(Grace, _time, enough.Token));
        await enough.CancelAsync();
    }

    private async Task RunAsync()
    {
        try
        {
            Task<bool>? more = null;
            while (true)
            {
                while (_edges.Reader.TryRead(out var edge)) Report(edge);
                ReportBytes();
                using var arrived = new CancellationTokenSource();
                more ??= _edges.Reader.WaitToReadAsync().AsTask();
                if (await Task.WhenAny(more, Task.Delay(Interval, _time, arrived.Token)) != more) continue;
                await arrived.CancelAsync();
                if (!await more) return;
                more = null;
            }
        }
        catch (Exception e)
        {
            // Somebody else's code: whatever it throws is not the transfer's failure.
            _logger.LogWarning(e, "a progress listener threw; it gets no more reports");
        }
    }

    private void Report(Edge edge)
    {
        if (edge.Kind == TransferEventKind.Started)
        {
            _attempt = edge.Attempt;
            _reported = 0;
        }
        else
        {
            ReportBytes(edge.Attempt, edge.Transferred, edge.Total);
        }

        _listener.Report(new TransferEvent(edge.Kind, 0, _reported, edge.Total, edge.Error));
    }

    private void ReportBytes()
    {
        var (attempt, transferred, total) = _monitor.Snapshot();
        ReportBytes(attempt, transferred, total);
    }

    // Of an attempt whose start has not been reported yet nothing is said.
    private void ReportBytes(int attempt, long transferred, long? total)
    {
        var increment = transferred - _reported;
        if (attempt != _attempt || increment <= 0) return;
        _reported = transferred;
        _listener.Report(new TransferEvent(TransferEventKind.BytesTransferred, increment, transferred, total));
    }

    private sealed record Edge(TransferEventKind Kind, int Attempt, long Transferred, long? Total, Exception? Error);
}
