using System.Net;

namespace SyncAgent.Store;

/// <summary>What a store's address answered to a request without a signature.</summary>
/// <param name="Status">HTTP status; a refusal is an answer too.</param>
/// <param name="ServerTime">The server's clock, halfway through the request; null when it did not say.</param>
public sealed record EndpointAnswer(HttpStatusCode Status, DateTimeOffset? ServerTime);

/// <summary>Reaches a store without keys: does its name exist, does it take connections, is its certificate trusted, what time is it there.</summary>
public static class EndpointProbe
{
    /// <summary>Where requests for a bucket go.</summary>
    /// <exception cref="ArgumentException">The options have mistakes.</exception>
    public static Uri AddressOf(OssStoreOptions options)
    {
        var (endpoint, errors) = OssEndpoint.Resolve(options);
        return endpoint?.UriFor(null, "") ?? throw new ArgumentException(string.Join("; ", errors), nameof(options));
    }

    /// <summary>Where requests for a bucket go.</summary>
    /// <exception cref="ArgumentException">The options have mistakes.</exception>
    public static Uri AddressOf(S3StoreOptions options)
    {
        var (endpoint, errors) = S3Endpoint.Resolve(options);
        return endpoint?.Service ?? throw new ArgumentException(string.Join("; ", errors), nameof(options));
    }

    /// <summary>Asks once.</summary>
    /// <param name="address">The store's address.</param>
    /// <param name="connection">How it is reached.</param>
    /// <param name="time">Clock of the time-outs, and the one that is compared.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StoreException">It cannot be reached; the message says at which step.</exception>
    public static async Task<EndpointAnswer> ReachAsync(Uri address, ConnectionOptions connection, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(time);
        using var http = new HttpMessageInvoker(HttpHandlers.Make(connection, address.IsLoopback));
        using var guard = new StallGuard(time, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        try
        {
            guard.Arm(connection.ConnectTimeout + connection.ResponseTimeout);
            var begun = time.GetTimestamp();
            using var response = await http.SendAsync(request, guard.Token);
            return new EndpointAnswer(response.StatusCode, response.Headers.Date + (time.GetElapsedTime(begun) / 2));
        }
        catch (Exception e) when (TransportFailures.IsTransport(e))
        {
            throw TransportFailures.Translate(e, $"Reaching {address.GetLeftPart(UriPartial.Authority)}", guard, mayHaveSucceeded: false);
        }
    }
}
