using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>Stands in for an OpenTelemetry collector: OTLP over HTTP, metrics.proto of OpenTelemetry 1.</summary>
internal sealed class FakeCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<Protobuf> _requests = new();
    private LoopbackServer _server = null!;

    public ConcurrentQueue<string> Paths { get; } = new();

    public Uri Address => _server.Address;

    public static async Task<FakeCollector> StartAsync()
    {
        var collector = new FakeCollector();
        collector._server = await LoopbackServer.StartAsync(0, NullLoggerFactory.Instance, collector.TakeAsync);
        return collector;
    }

    /// <summary>Attributes of the resources that sent something.</summary>
    public IReadOnlyList<(string Key, string Value)> Resource() =>
        [.. _requests.SelectMany(request => request.Messages(1)).SelectMany(metrics => metrics.Messages(1)).SelectMany(Attributes(1))];

    /// <summary>The points of a sum of whole numbers, with their attributes.</summary>
    public IReadOnlyList<(long Value, IReadOnlyList<(string Key, string Value)> Attributes)> Sums(string name) =>
    [
        .. _requests.SelectMany(request => request.Messages(1)).SelectMany(resource => resource.Messages(2)).SelectMany(scope => scope.Messages(2))
            .Where(metric => metric.Text(1) == name).SelectMany(metric => metric.Messages(7)).SelectMany(sum => sum.Messages(1))
            .Select(point => ((long)point.Number(6), (IReadOnlyList<(string, string)>)[.. Attributes(7)(point)])),
    ];

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        Paths.Enqueue(context.Request.Path.Value!);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        _requests.Enqueue(new Protobuf(body.ToArray()));
        context.Response.StatusCode = StatusCodes.Status200OK;
    }

    private static Func<Protobuf, IEnumerable<(string, string)>> Attributes(int field) =>
        message => message.Messages(field).Select(pair => (pair.Text(1), string.Concat(pair.Messages(2).Select(value => value.Text(1)))));
}
