namespace SyncAgent.Store;

/// <summary>What it means when no whole answer arrives.</summary>
internal static class TransportFailures
{
    /// <summary>Whether an exception comes from the HTTP stack or the network below it.</summary>
    public static bool IsTransport(Exception e) => e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException;

    /// <summary>The exception to throw instead: the caller's cancellation, a time-out, or a broken connection.</summary>
    public static Exception Translate(Exception e, string operation, StallGuard guard, bool mayHaveSucceeded)
    {
        if (guard.Caller.IsCancellationRequested) return new OperationCanceledException($"{operation} was cancelled.", e, guard.Caller);
        if (guard.HasStalled)
            return Make(StoreErrorKind.Timeout, $"{operation}: nothing moved for {guard.Limit.TotalSeconds:0} s.");
        if (e is OperationCanceledException)
            return Make(StoreErrorKind.Timeout, $"{operation}: no connection in time.");
        var reason = e is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http ? $" ({http.HttpRequestError})" : "";
        var advice = e is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError }
            ? " Check the proxy, its user and its password."
            : "";
        return Make(StoreErrorKind.Network, $"{operation}: the connection failed{reason}: {Innermost(e).Message}{advice}");

        StoreException Make(StoreErrorKind kind, string message) => new(kind, message, e) { MayHaveSucceeded = mayHaveSucceeded };
    }

    private static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner) e = inner;
        return e;
    }
}
