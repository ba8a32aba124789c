using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace SyncAgent.Tray.Api;

/// <summary>Talks to the agent of a state folder. The token leaves this process only after the server has proved that it knows it.</summary>
internal sealed class AgentConnection : IDisposable
{
    /// <summary>A loopback server that does not answer within this time is not ours, or stuck.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    private AgentConnection(HttpClient http, TimeProvider time)
    {
        _http = http;
        _time = time;
    }

    /// <summary>Connects to the agent of a state folder; null when none answers that can prove itself.</summary>
    /// <exception cref="AgentException">The agent's address cannot be read.</exception>
    public static async Task<AgentConnection?> TryOpenAsync(string stateFolder, TimeProvider time, CancellationToken cancellationToken)
    {
        if (AgentFile.Read(stateFolder) is not { } address) return null;
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{address.Port.ToString(CultureInfo.InvariantCulture)}/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        var connection = new AgentConnection(http, time);
        try
        {
            if (await connection.ProvesItselfAsync(address.Token, cancellationToken))
            {
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", address.Token);
                return connection;
            }
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        connection.Dispose();
        return null;
    }

    /// <summary>Reports what the agent tells until it ends the stream or falls silent.</summary>
    /// <exception cref="AgentException">The agent does not answer any more, or in a way that this tray does not understand.</exception>
    public async Task FollowAsync(Action<AgentUpdate> onUpdate, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "v1/events");
            using var response = await WithinPatienceAsync(
                token => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), cancellationToken);
            await EnsureSuccessAsync(response, cancellationToken);
            using var stream = new EventStream(await response.Content.ReadAsStreamAsync(cancellationToken), _time);
            while (await stream.ReadAsync(cancellationToken) is { } message)
            {
                if (Understand(message) is { } update) onUpdate(update);
            }
        }
        catch (Exception e) when (IsNoAnswer(e) && !cancellationToken.IsCancellationRequested)
        {
            throw e is JsonException ? new AgentException("The agent speaks another version than this tray: update both.", e) : Gone(e);
        }
    }

    /// <summary>Holds a drive, or lets it go on; all drives when no mount point is given.</summary>
    /// <exception cref="AgentException">It could not be done.</exception>
    public Task SetPausedAsync(bool paused, string? mountPoint, CancellationToken cancellationToken) => PostAsync<object>(
        (paused ? "v1/pause" : "v1/resume") + (mountPoint is null ? "" : $"?mount={Uri.EscapeDataString(mountPoint)}"), null, cancellationToken);

    /// <summary>Tries everything again that has failed.</summary>
    /// <exception cref="AgentException">It could not be done.</exception>
    public Task RetryAsync(CancellationToken cancellationToken) => PostAsync<object>("v1/retry", null, cancellationToken);

    /// <summary>An address of the status page that lets in once, within a minute.</summary>
    /// <exception cref="AgentException">There is none.</exception>
    public async Task<string> CreatePageUrlAsync(CancellationToken cancellationToken) =>
        (await PostAsync("v1/page-tokens", ApiJson.Default.PageTokenAnswer, cancellationToken))!.Url;

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<bool> ProvesItselfAsync(string token, CancellationToken cancellationToken)
    {
        var nonce = ServerProof.NewNonce();
        try
        {
            var answer = await WithinPatienceAsync(
                patience => _http.GetFromJsonAsync($"v1/hello?nonce={nonce}", ApiJson.Default.HelloAnswer, patience), cancellationToken);
            return answer is not null && ServerProof.Holds(token, nonce, answer.Proof);
        }
        catch (Exception e) when ((IsNoAnswer(e) || e is FormatException) && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<T?> PostAsync<T>(string path, JsonTypeInfo<T>? type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            using var response = await WithinPatienceAsync(token => _http.PostAsync(path, null, token), cancellationToken);
            await EnsureSuccessAsync(response, cancellationToken);
            if (type is null) return null;
            return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new JsonException("an empty answer");
        }
        catch (Exception e) when (IsNoAnswer(e) && !cancellationToken.IsCancellationRequested)
        {
            throw Gone(e);
        }
    }

    private async Task<T> WithinPatienceAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        return await call(either.Token);
    }

    private static async Task EnsureSuccessAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode) return;
        if (response.StatusCode == HttpStatusCode.NotFound) throw new AgentException("The agent is older than this tray: update both.");
        var error = response.Content.Headers.ContentType?.MediaType == "application/json"
            ? await response.Content.ReadFromJsonAsync(ApiJson.Default.ErrorAnswer, cancellationToken)
            : null;
        throw new AgentException(error?.Error ?? $"The agent answered {(int)response.StatusCode}.");
    }

    private static AgentUpdate? Understand(ServerEvent message) => message.Name switch
    {
        "status" => new StatusChanged(Read(message.Data, ApiJson.Default.StatusSnapshot)),
        "problem" => new ProblemAppeared(Read(message.Data, ApiJson.Default.ProblemInfo)),
        "done" => new QueueDrained(Read(message.Data, ApiJson.Default.DoneInfo)),
        _ => null, // a newer agent tells more
    };

    private static T Read<T>(string data, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(data, type) ?? throw new JsonException("an empty event");

    private static bool IsNoAnswer(Exception e) => e is HttpRequestException or IOException or OperationCanceledException or JsonException;

    private static AgentException Gone(Exception inner) => new("The agent does not answer any more.", inner);
}
