using System.Globalization;
using System.Text.Json;

namespace SyncAgent.Store;

/// <summary>Credentials of a RAM role, from Alibaba's STS (AssumeRole, API of 2015-04-01), asked for with other credentials.</summary>
public sealed class AssumeRoleCredentials : ICredentialsSource, IDisposable
{
    private const string Who = "STS";

    // The query goes out as it was signed.
    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly AssumeRoleOptions _options;
    private readonly ICredentialsProvider _caller;
    private readonly TimeProvider _time;
    private readonly CredentialsHttp _http;

    // Ticks that the server's clock is ahead of ours, learned from a refusal.
    private long _clockOffset;

    /// <summary>Asks nothing yet.</summary>
    /// <param name="options">The role.</param>
    /// <param name="caller">Whose credentials sign the call: a RAM user's, or those of another role.</param>
    /// <param name="connection">How to reach STS.</param>
    /// <param name="time">Clock of the signature.</param>
    /// <exception cref="ArgumentException">The options have mistakes; the message lists all of them.</exception>
    public AssumeRoleCredentials(AssumeRoleOptions options, ICredentialsProvider caller, ConnectionOptions connection, TimeProvider time)
    {
        if (options.Validate() is { Count: > 0 } errors)
            throw new ArgumentException($"The role's options cannot be used:\n  {string.Join("\n  ", errors)}", nameof(options));
        _options = options;
        _caller = caller;
        _time = time;
        _http = new CredentialsHttp(connection, options.Service.IsLoopback, time);
    }

    /// <inheritdoc/>
    public async Task<TimedCredentials> FetchAsync(CancellationToken cancellationToken)
    {
        var caller = await _caller.GetAsync(cancellationToken);
        for (bool clockSet = false, callerRenewed = false; ;)
        {
            var answer = await CallAsync(caller, cancellationToken);
            if (answer.IsSuccess) return Credentials(answer);
            var refusal = Refusal(answer);
            if (refusal.Kind is StoreErrorKind.ClockSkew && !clockSet && answer.Date is { } serverTime)
            {
                clockSet = true;
                Interlocked.Exchange(ref _clockOffset, (serverTime - _time.GetUtcNow()).Ticks);
            }
            else if (refusal.Kind is StoreErrorKind.TokenExpired && !callerRenewed)
            {
                callerRenewed = true;
                var fresh = await _caller.RenewAsync(caller, cancellationToken);
                if (fresh == caller) throw refusal;
                caller = fresh;
            }
            else
            {
                throw refusal;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private Task<CredentialsAnswer> CallAsync(StoreCredentials caller, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> parameters = [new("RoleArn", _options.RoleArn), new("RoleSessionName", _options.SessionName)];
        if (_options.Duration is { } duration)
            parameters.Add(new("DurationSeconds", ((long)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture)));
        if (_options.Policy is { } policy) parameters.Add(new("Policy", policy));
        if (_options.ExternalId is { } externalId) parameters.Add(new("ExternalId", externalId));

        var query = AcsSigner.Query(parameters);
        var service = _options.Service;
        var now = _time.GetUtcNow().AddTicks(Interlocked.Read(ref _clockOffset));
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{service.GetLeftPart(UriPartial.Authority)}/?{query}", in Verbatim));
        foreach (var (name, value) in AcsSigner.Headers(service.Authority, "AssumeRole", "2015-04-01", query, caller, now, Guid.NewGuid().ToString("n")))
            request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation("accept", "application/json");
        return _http.SendAsync(request, Who, cancellationToken);
    }

    private static TimedCredentials Credentials(CredentialsAnswer answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("Credentials", out var credentials))
                return CredentialsDocument.Read(credentials, Who);
        }
        catch (JsonException)
        {
            // Said below; the exception might quote a secret.
        }

        throw new StoreException(StoreErrorKind.Unavailable, $"{Who} gave an answer without credentials: not STS, or something between here and it.");
    }

    private static StoreException Refusal(CredentialsAnswer answer)
    {
        string? code = null, message = null, requestId = null;
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                code = Text(document.RootElement, "Code");
                message = Text(document.RootElement, "Message");
                requestId = Text(document.RootElement, "RequestId");
            }
        }
        catch (JsonException)
        {
            // The details are unreadable, the status is not: it goes by that.
        }

        var says = code is null ? answer.Status.ToString() : $"{code}: {message}";
        return new StoreException(KindOf(code, answer), $"AssumeRole was answered with {(int)answer.Status} {says}")
        {
            HttpStatus = (int)answer.Status,
            Code = code,
            RequestId = requestId,
        };
    }

    private static StoreErrorKind KindOf(string? code, CredentialsAnswer answer) => code switch
    {
        null => answer.FailureKind,
        "NoPermission" => StoreErrorKind.AccessDenied,
        _ when code.StartsWith("InvalidTimeStamp", StringComparison.Ordinal) => StoreErrorKind.ClockSkew,
        _ when code.StartsWith("InvalidSecurityToken", StringComparison.Ordinal) => StoreErrorKind.TokenExpired,
        _ when code.StartsWith("Throttling", StringComparison.Ordinal) => StoreErrorKind.Throttled,
        _ => answer.FailureKind,
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
