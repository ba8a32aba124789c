namespace SyncAgent.Store.Tests;

public class AssumeRoleCredentialsTests
{
    private const string Granted =
        """{"RequestId":"R","AssumedRoleUser":{"Arn":"acs:sts::1:assumed-role/backup/me"},"Credentials":{"SecurityToken":"the-token","AccessKeyId":"STS.i","AccessKeySecret":"the-secret","Expiration":"2026-11-21T13:00:00Z"}}""";

    private static readonly AssumeRoleOptions Role = new() { RoleArn = "acs:ram::123456:role/backup" };

    [Fact]
    public void The_signature_is_the_one_of_the_documentation()
    {
        // "Request syntax and signature method V3", example with fixed parameters.
        var query = AcsSigner.Query([new("RegionId", "cn-shanghai"), new("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd")]);
        var headers = AcsSigner.Headers(
            "ecs.cn-shanghai.aliyuncs.com", "RunInstances", "2014-05-26", query, new StoreCredentials("YourAccessKeyId", "YourAccessKeySecret"),
            new DateTimeOffset(2023, 10, 26, 10, 22, 32, TimeSpan.Zero), "3156853299f313e23d1673dc12e1703d");
        Assert.Equal(
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
            + "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0",
            headers["authorization"]);
    }

    [Fact]
    public async Task A_role_is_taken_on_with_everything_that_was_asked_for()
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", Granted));
        var options = Role with
        {
            SessionName = "host@site", Duration = TimeSpan.FromMinutes(20), Policy = "{\"Statement\": []}", ExternalId = "ex/1", Endpoint = new Uri(server.Url),
        };
        using var source = Make(options, new StoreCredentials("ak", "sk", "base-token"));
        var fetched = await source.FetchAsync(default);
        Assert.Equal(new StoreCredentials("STS.i", "the-secret", "the-token"), fetched.Credentials);
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 13, 0, 0, TimeSpan.Zero), fetched.Expires);

        var request = Assert.Single(server.Requests);
        Assert.Equal(
            "POST /?DurationSeconds=1200&ExternalId=ex%2F1&Policy=%7B%22Statement%22%3A%20%5B%5D%7D&RoleArn=acs%3Aram%3A%3A123456%3Arole%2Fbackup&RoleSessionName=host%40site HTTP/1.1",
            request.Line);
        Assert.Equal(("AssumeRole", "2015-04-01", "base-token"), (request.Header("x-acs-action"), request.Header("x-acs-version"), request.Header("x-acs-security-token")));
        // What arrived is what was signed.
        var signed = AcsSigner.Headers(
            request.Header("Host")!, "AssumeRole", "2015-04-01", request.Target[2..], new StoreCredentials("ak", "sk", "base-token"),
            DateTimeOffset.Parse(request.Header("x-acs-date")!), request.Header("x-acs-signature-nonce")!);
        Assert.Equal(signed["authorization"], request.Header("authorization"));
    }

    [Fact]
    public void Without_an_endpoint_it_is_the_region_s()
    {
        Assert.Equal("https://sts.aliyuncs.com/", Role.Service.AbsoluteUri);
        Assert.Equal("https://sts.cn-hangzhou.aliyuncs.com/", (Role with { Region = "cn-hangzhou" }).Service.AbsoluteUri);
    }

    [Theory]
    [InlineData("403 Forbidden", """{"Code":"NoPermission","Message":"You are not authorized to do this action.","RequestId":"R7"}""", StoreErrorKind.AccessDenied, "NoPermission")]
    [InlineData("404 Not Found", """{"Code":"EntityNotExist.Role","Message":"The role not exists."}""", StoreErrorKind.BadCredentials, "EntityNotExist.Role")]
    [InlineData("400 Bad Request", """{"Code":"Throttling.User","Message":"slow"}""", StoreErrorKind.Throttled, "Throttling.User")]
    [InlineData("503 Service Unavailable", "<html>", StoreErrorKind.Unavailable, "503")]
    [InlineData("200 OK", "<html>sign in to the hotel</html>", StoreErrorKind.Unavailable, "without credentials")]
    public async Task A_refusal_is_told_as_sts_tells_it(string status, string body, StoreErrorKind kind, string why)
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer(status, body));
        using var source = Make(Role with { Endpoint = new Uri(server.Url) });
        var error = await Assert.ThrowsAsync<StoreException>(() => source.FetchAsync(default));
        Assert.Equal(kind, error.Kind);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_wrong_clock_here_is_put_right_by_the_server_s()
    {
        var time = new ManualTime();
        await using var server = RawServer.Answering(request => request.Header("x-acs-date") == "2026-11-22T12:00:00Z"
            ? RawServer.Answer("200 OK", Granted)
            : RawServer.Answer("400 Bad Request", """{"Code":"InvalidTimeStamp.Expired","Message":"late"}""", "Date: Sun, 22 Nov 2026 12:00:00 GMT"));
        using var source = Make(Role with { Endpoint = new Uri(server.Url) }, time: time);
        Assert.Equal("STS.i", (await source.FetchAsync(default)).Credentials.AccessKeyId);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_caller_whose_own_token_has_ended_is_renewed_once()
    {
        await using var server = RawServer.Answering(request => request.Header("x-acs-security-token") == "token-b"
            ? RawServer.Answer("200 OK", Granted)
            : RawServer.Answer("400 Bad Request", """{"Code":"InvalidSecurityToken.Expired","Message":"old"}"""));
        var callers = new ScriptedSource();
        using var caller = new RefreshingCredentials(callers, new ManualTime());
        using var source = new AssumeRoleCredentials(Role with { Endpoint = new Uri(server.Url) }, caller, new ConnectionOptions(), TimeProvider.System);
        var fetching = source.FetchAsync(default);
        (await callers.NextAsync()).SetResult(ScriptedSource.Key("a"));
        (await callers.NextAsync()).SetResult(ScriptedSource.Key("b"));
        Assert.Equal("STS.i", (await fetching).Credentials.AccessKeyId);
    }

    [Fact]
    public void Every_mistake_is_listed_at_once()
    {
        var errors = new AssumeRoleOptions
        {
            RoleArn = "backup", SessionName = "a b", Duration = TimeSpan.FromMinutes(1), Policy = new string('x', 3000), ExternalId = "x",
            Region = "Hang Zhou", Endpoint = new Uri("http://sts.example.com"),
        }.Validate();
        Assert.Equal(
            ["RoleArn", "SessionName", "Duration", "Policy", "ExternalId", "Region", "Endpoint"],
            errors.Select(e => e.Split(' ', ':')[0]));
    }

    private static AssumeRoleCredentials Make(AssumeRoleOptions options, StoreCredentials? caller = null, TimeProvider? time = null) =>
        new(options, new StaticCredentials(caller ?? new StoreCredentials("ak", "sk")), new ConnectionOptions(), time ?? TimeProvider.System);
}
