namespace SyncAgent.Store.Tests;

public class EcsRoleCredentialsTests
{
    private const string Keys =
        """{"AccessKeyId":"STS.i","AccessKeySecret":"the-secret","Expiration":"2026-11-21T18:00:00Z","SecurityToken":"the-token","LastUpdated":"2026-11-21T12:00:00Z","Code":"Success"}""";

    [Theory]
    [InlineData(null, "PUT /latest/api/token|GET /latest/meta-data/ram/security-credentials/|GET /latest/meta-data/ram/security-credentials/backup")]
    [InlineData("backup", "PUT /latest/api/token|GET /latest/meta-data/ram/security-credentials/backup")]
    public async Task The_hardened_mode_comes_first(string? role, string calls)
    {
        await using var server = Metadata(request => request.Line.StartsWith("PUT", StringComparison.Ordinal) ? RawServer.Answer("200 OK", "session")
            : request.Header("X-aliyun-ecs-metadata-token") == "session" ? Role(request) : RawServer.Answer("403 Forbidden"));
        using var source = Make(server, role);
        var fetched = await source.FetchAsync(default);
        Assert.Equal(new StoreCredentials("STS.i", "the-secret", "the-token"), fetched.Credentials);
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 18, 0, 0, TimeSpan.Zero), fetched.Expires);
        Assert.Equal(calls, string.Join('|', server.Requests.Select(r => r.Line.Replace(" HTTP/1.1", "", StringComparison.Ordinal))));
        Assert.Equal("300", server.Requests.First().Header("X-aliyun-ecs-metadata-token-ttl-seconds"));
    }

    [Fact]
    public async Task A_service_without_session_tokens_is_asked_without()
    {
        await using var server = Metadata(request => request.Line.StartsWith("PUT", StringComparison.Ordinal) ? RawServer.Answer("404 Not Found") : Role(request));
        using var source = Make(server, null);
        Assert.Equal("STS.i", (await source.FetchAsync(default)).Credentials.AccessKeyId);
        Assert.All(server.Requests, r => Assert.Null(r.Header("X-aliyun-ecs-metadata-token")));
    }

    [Theory]
    [InlineData("404 Not Found", StoreErrorKind.BadCredentials, "attach")]
    [InlineData("403 Forbidden", StoreErrorKind.BadCredentials, "403")]
    [InlineData("500 Internal Server Error", StoreErrorKind.Unavailable, "500")]
    public async Task A_refusal_says_what_to_do(string status, StoreErrorKind kind, string why)
    {
        await using var server = Metadata(request =>
            request.Line.StartsWith("PUT", StringComparison.Ordinal) ? RawServer.Answer("200 OK", "session") : RawServer.Answer(status, "<html>"));
        foreach (var role in new[] { null, "backup" })
        {
            using var source = Make(server, role);
            var error = await Assert.ThrowsAsync<StoreException>(() => source.FetchAsync(default));
            Assert.Equal(kind, error.Kind);
            Assert.Contains(why, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Elsewhere_than_on_ecs_it_says_that_nothing_answers()
    {
        Uri nobody;
        await using (var server = Metadata(_ => "")) nobody = new Uri(server.Url);
        using var source = new EcsRoleCredentials(null, TimeProvider.System, nobody);
        var error = await Assert.ThrowsAsync<StoreException>(() => source.FetchAsync(default));
        Assert.Equal(StoreErrorKind.Network, error.Kind);
        Assert.Contains("metadata service of this ECS instance cannot be reached", error.Message, StringComparison.Ordinal);
    }

    private static string Role(RawRequest request) => request.Target.EndsWith('/') ? RawServer.Answer("200 OK", "backup\n") : RawServer.Answer("200 OK", Keys);

    private static RawServer Metadata(Func<RawRequest, string> answer) => RawServer.Answering(answer);

    private static EcsRoleCredentials Make(RawServer server, string? role) => new(role, TimeProvider.System, new Uri(server.Url));
}
