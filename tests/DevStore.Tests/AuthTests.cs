using System.Net;

namespace SyncAgent.DevStore.Tests;

public class AuthTests : ServerTest
{
    private static readonly DevStoreCredential Temporary =
        new("sts-id", "sts-secret", "token-1", new DateTimeOffset(2025, 3, 4, 6, 0, 0, TimeSpan.Zero));

    private protected override DevStoreOptions Options => base.Options with
    {
        Credentials = [Key, Temporary],
        Cnames = new Dictionary<string, string> { ["files.example.com"] = TestClient.Bucket },
    };

    [Fact]
    public async Task Wrong_secret_unknown_key_wrong_region()
    {
        await ExpectAsync(new TestSigner("test-id", "other"), HttpStatusCode.Forbidden, "SignatureDoesNotMatch");
        await ExpectAsync(new TestSigner("nobody", "test-secret"), HttpStatusCode.Forbidden, "InvalidAccessKeyId");
        await ExpectAsync(new TestSigner("test-id", "test-secret", Region: "oss-cn-hangzhou"), HttpStatusCode.BadRequest, "InvalidArgument");
    }

    [Theory]
    [InlineData(-15 * 60 - 1, "RequestTimeTooSkewed")]
    [InlineData(-15 * 60, null)]
    [InlineData(15 * 60, null)]
    [InlineData(15 * 60 + 1, "RequestTimeTooSkewed")]
    public async Task Skew(int seconds, string? code)
    {
        using var client = new TestClient(Server.Endpoint, new TestSigner("test-id", "test-secret"), new ManualClock(Clock.Now.AddSeconds(seconds)));
        Answer answer = await client.ListAsync("list-type=2");
        Assert.Equal(code is null ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.Status);
        Assert.Equal(code, answer.Code);
        Assert.Equal("Tue, 04 Mar 2025 05:06:07 GMT", answer.Headers["Date"]);
    }

    [Fact]
    public async Task Tokens()
    {
        await ExpectAsync(new TestSigner("sts-id", "sts-secret", "token-1"), HttpStatusCode.OK, null);
        await ExpectAsync(new TestSigner("sts-id", "sts-secret", "token-2"), HttpStatusCode.Forbidden, "InvalidSecurityToken");
        await ExpectAsync(new TestSigner("sts-id", "sts-secret"), HttpStatusCode.Forbidden, "InvalidSecurityToken");
        await ExpectAsync(new TestSigner("test-id", "test-secret", "token-1"), HttpStatusCode.Forbidden, "InvalidSecurityToken");
        Clock.Now = Temporary.ExpiresAt!.Value;
        await ExpectAsync(new TestSigner("sts-id", "sts-secret", "token-1"), HttpStatusCode.Forbidden, "SecurityTokenExpired");
    }

    [Fact]
    public async Task Anonymous_and_tampered_requests()
    {
        using var http = new HttpClient();
        using HttpResponseMessage anonymous = await http.GetAsync(new Uri(Server.Endpoint, "/bucket/k"));
        Assert.Equal(HttpStatusCode.Forbidden, anonymous.StatusCode);
        Assert.Contains("<Code>AccessDenied</Code>", await anonymous.Content.ReadAsStringAsync());

        // A valid signature for one object does not open another, and signed headers cannot be exchanged.
        using var signed = new HttpRequestMessage(HttpMethod.Get, "http://unused");
        new TestSigner("test-id", "test-secret").Sign(signed, "/bucket/k", Clock.Now);
        using var stolen = new HttpRequestMessage(HttpMethod.Get, new Uri(Server.Endpoint, "/bucket/other"));
        foreach ((string name, IEnumerable<string> values) in signed.Headers) stolen.Headers.TryAddWithoutValidation(name, values);
        using HttpResponseMessage refused = await http.SendAsync(stolen);
        Assert.Contains("<Code>SignatureDoesNotMatch</Code>", await refused.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Payload_hashes_are_refused()
    {
        Answer answer = await Client.GetAsync("k", ("x-oss-content-sha256", new string('0', 64)));
        Assert.Equal("InvalidArgument", answer.Code);
    }

    [Fact]
    public async Task Virtual_host_and_cname_sign_the_bucket_too()
    {
        await Client.PutAsync("dir/k", [1, 2]);
        foreach (string host in (string[])["bucket.oss-cn-hangzhou.aliyuncs.com", "bucket.localhost:8080", "files.example.com"])
        {
            using var http = new HttpClient();
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Server.Endpoint, "/dir/k"));
            request.Headers.Host = host;
            new TestSigner("test-id", "test-secret").Sign(request, "/bucket/dir/k", Clock.Now);
            using HttpResponseMessage response = await http.SendAsync(request);
            Assert.Equal([1, 2], await response.Content.ReadAsByteArrayAsync());
        }
    }

    private async Task ExpectAsync(TestSigner signer, HttpStatusCode status, string? code)
    {
        using var client = new TestClient(Server.Endpoint, signer, Clock);
        Answer answer = await client.ListAsync("list-type=2");
        Assert.Equal(status, answer.Status);
        Assert.Equal(code, answer.Code);
    }
}
