using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Composition;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Status;

/// <summary>
/// Tells all who watch what changes, as server-sent events. One loop takes the picture for all of them, and only while there are any; a picture
/// that equals the one before is not sent.
/// </summary>
internal sealed partial class StatusFeed(AgentHost host, StatusBuilder builder, ILogger logger)
{
    /// <summary>Most who watch at once.</summary>
    public const int MaxWatchers = 64;

    /// <summary>After so long without a word a line says that the connection lives.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Time between two pictures.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private static readonly ReadOnlyMemory<byte> KeepAliveLine = ": \n\n"u8.ToArray();

    private readonly Lock _lock = new();
    private readonly List<StatusWatcher> _watchers = [];
    private bool _isRunning;

    /// <summary>Serves one who watches until he leaves or the agent ends.</summary>
    /// <returns>False when there are too many.</returns>
    public async Task<bool> ServeAsync(HttpContext context)
    {
        if (!TryAdd(out var watcher)) return false;
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await WriteAsync(context, StatusPictures.First(builder));
            while (!host.StopRequested.IsCompleted)
            {
                await watcher.WaitAsync(KeepAlive, host.Time, host.StopRequested, context.RequestAborted);
                var news = watcher.Take();
                if (news.Count == 0) await WriteAsync(context, KeepAliveLine);
                foreach (var part in news) await WriteAsync(context, part);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // he has left
        }
        finally
        {
            lock (_lock) _watchers.Remove(watcher);
            watcher.Dispose();
        }

        return true;
    }

    private static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> bytes)
    {
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private bool TryAdd(out StatusWatcher watcher)
    {
        watcher = new StatusWatcher();
        lock (_lock)
        {
            if (_watchers.Count == MaxWatchers)
            {
                watcher.Dispose();
                return false;
            }

            _watchers.Add(watcher);
            if (_isRunning) return true;
            _isRunning = true;
        }

        _ = Task.Run(RunAsync);
        return true;
    }

    // Ends with the last who watches; the next one starts it again.
    private async Task RunAsync()
    {
        var pictures = new StatusPictures(host, builder);
        while (true)
        {
            try
            {
                var (status, news) = pictures.Next();
                if (status is not null || news.Count > 0) Publish(status, news);
            }
            catch (Exception e) when (e is JournalException or IOException)
            {
                LogUnreadable(e);
            }

            await Task.WhenAny(Task.Delay(Interval, host.Time), host.StopRequested);
            lock (_lock)
            {
                if (_watchers.Count > 0 && !host.StopRequested.IsCompleted) continue;
                _isRunning = false;
                return;
            }
        }
    }

    private void Publish(byte[]? status, IReadOnlyList<byte[]> news)
    {
        lock (_lock)
        {
            foreach (var watcher in _watchers) watcher.Tell(status, news);
        }
    }

    [LoggerMessage(5102, LogLevel.Debug, "the status cannot be read now; it is tried again")]
    private partial void LogUnreadable(Exception error);
}
