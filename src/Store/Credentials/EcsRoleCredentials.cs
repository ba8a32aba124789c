using System.Net;
using System.Text;

namespace SyncAgent.Store;

/// <summary>
/// Credentials of the RAM role of the ECS instance that this runs on, from its metadata service. Alibaba's "Instance metadata": first
/// a session token (the hardened mode), then the role's name where none is given, then its credentials. An instance whose service
/// knows no session tokens is asked without.
/// </summary>
public sealed class EcsRoleCredentials : ICredentialsSource, IDisposable
{
    private const string Who = "The metadata service of this ECS instance";
    private const string Credentials = "latest/meta-data/ram/security-credentials/";

    /// <summary>Seconds that a session token is asked for; it is used at once.</summary>
    private const string TokenLife = "300";

    private readonly string? _role;
    private readonly Uri _service;
    private readonly CredentialsHttp _http;

    /// <summary>Asks nothing yet.</summary>
    /// <param name="role">Name of the role, or null for the one that the instance has.</param>
    /// <param name="time">Clock of the time-out.</param>
    /// <param name="service">Where the service is; null for its own address, which no proxy can reach.</param>
    public EcsRoleCredentials(string? role, TimeProvider time, Uri? service = null)
    {
        _role = role;
        _service = service ?? new Uri("http://100.100.100.200/");
        _http = new CredentialsHttp(
            new ConnectionOptions { Proxy = ConnectionOptions.NoProxy, ConnectTimeout = TimeSpan.FromSeconds(3) }, isLoopback: false, time);
    }

    /// <inheritdoc/>
    public async Task<TimedCredentials> FetchAsync(CancellationToken cancellationToken)
    {
        var token = await TokenAsync(cancellationToken);
        var role = _role ?? await RoleAsync(token, cancellationToken);
        var answer = await GetAsync(Credentials + Uri.EscapeDataString(role), token, cancellationToken);
        if (answer.Status is HttpStatusCode.NotFound)
            throw new StoreException(StoreErrorKind.BadCredentials, $"{Who} knows no role {role}: attach it to the instance.");
        return CredentialsDocument.Parse(Require(answer).Body, Who);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<string?> TokenAsync(CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_service, "latest/api/token"));
        request.Headers.Add("X-aliyun-ecs-metadata-token-ttl-seconds", TokenLife);
        var answer = await _http.SendAsync(request, Who, cancellationToken);
        return answer.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed ? null : Text(Require(answer));
    }

    private async Task<string> RoleAsync(string? token, CancellationToken cancellationToken)
    {
        var answer = await GetAsync(Credentials, token, cancellationToken);
        var role = answer.Status is HttpStatusCode.NotFound ? "" : Text(Require(answer));
        return role.Length > 0
            ? role
            : throw new StoreException(StoreErrorKind.BadCredentials, $"{Who} names no role: attach a RAM role to the instance.");
    }

    private Task<CredentialsAnswer> GetAsync(string path, string? token, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_service, path));
        if (token is not null) request.Headers.Add("X-aliyun-ecs-metadata-token", token);
        return _http.SendAsync(request, Who, cancellationToken);
    }

    private static CredentialsAnswer Require(CredentialsAnswer answer) => answer.IsSuccess
        ? answer
        : throw new StoreException(answer.FailureKind, $"{Who} answered with {(int)answer.Status}.") { HttpStatus = (int)answer.Status };

    private static string Text(CredentialsAnswer answer) => Encoding.UTF8.GetString(answer.Body).Trim();
}
