using System.Net;

namespace SyncAgent.Store;

/// <summary>Sends the small requests by which credentials are fetched; whatever goes wrong becomes <see cref="StoreException"/>.</summary>
internal sealed class CredentialsHttp(ConnectionOptions connection, bool isLoopback, TimeProvider time) : IDisposable
{
    private const int MaxAnswer = 256 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly HttpMessageInvoker _http = new(HttpHandlers.Make(connection, isLoopback));

    /// <summary>Sends a request and gives its answer, whatever the status.</summary>
    /// <param name="request">The request; disposed here.</param>
    /// <param name="who">Whom it goes to, for messages.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<CredentialsAnswer> SendAsync(HttpRequestMessage request, string who, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var sent = request;
            using var response = await _http.SendAsync(sent, either.Token);
            await response.Content.LoadIntoBufferAsync(MaxAnswer, either.Token);
            return new CredentialsAnswer(response.StatusCode, await response.Content.ReadAsByteArrayAsync(either.Token), response.Headers.Date);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreException(StoreErrorKind.Timeout, $"{who} did not answer in time.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new StoreException(StoreErrorKind.Network, $"{who} cannot be reached: {e.GetBaseException().Message}", e);
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>An answer, with the server's clock.</summary>
internal sealed record CredentialsAnswer(HttpStatusCode Status, byte[] Body, DateTimeOffset? Date)
{
    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>What a failure of this status means for the next attempt.</summary>
    public StoreErrorKind FailureKind => (int)Status switch
    {
        429 => StoreErrorKind.Throttled,
        >= 500 => StoreErrorKind.Unavailable,
        _ => StoreErrorKind.BadCredentials,
    };
}
