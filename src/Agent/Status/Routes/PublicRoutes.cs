using Microsoft.AspNetCore.Http;
using SyncAgent.Agent.Composition;

namespace SyncAgent.Agent.Status.Routes;

/// <summary>What everybody on this machine may ask: who is there, and whether he is well.</summary>
internal sealed class PublicRoutes(AgentHost host, string token)
{
    /// <summary>The routes.</summary>
    public IEnumerable<ApiRoute> Routes =>
    [
        new("GET", "/v1/hello", "Proves that this server knows the token, before a client shows it: HMAC-SHA256(token, nonce), in hex.", ProveAsync)
        {
            Parameters = [new("nonce", "32 random bytes in hex.", IsRequired: true)],
            Gives = static () => ControlJson.Default.HelloAnswer,
            IsPublic = true,
        },
        new("GET", "/v1/health", "200 while the agent works and its journal takes changes, else 503; nothing else is said.", AnswerHealthAsync)
        {
            Gives = static () => ControlJson.Default.HealthAnswer,
            IsPublic = true,
        },
    ];

    private Task ProveAsync(ApiRequest request)
    {
        if (ControlProof.TryProve(token, request.Text("nonce"), out var proof)) return request.ReplyAsync(new HelloAnswer(proof), ControlJson.Default.HelloAnswer);
        throw new BadHttpRequestException("nonce: expected 32 bytes in hex.");
    }

    private Task AnswerHealthAsync(ApiRequest request)
    {
        if (host.IsHealthy)
            return request.ReplyAsync(new HealthAnswer("ok"), ControlJson.Default.HealthAnswer);
        request.Context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }
}
