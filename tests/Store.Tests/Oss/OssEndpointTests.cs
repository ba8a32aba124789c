namespace SyncAgent.Store.Tests;

public class OssEndpointTests
{
    private static readonly OssStoreOptions Hangzhou = new() { Bucket = "bucket", Region = "cn-hangzhou" };

    public static TheoryData<string?, string?, OssAddressing, bool, string, string> Addresses => new()
    {
        { null, "cn-hangzhou", OssAddressing.Auto, false, "https://bucket.oss-cn-hangzhou.aliyuncs.com/k", "cn-hangzhou" },
        { null, "oss-cn-hangzhou", OssAddressing.Auto, true, "https://bucket.oss-cn-hangzhou-internal.aliyuncs.com/k", "cn-hangzhou" },
        { "oss-cn-beijing.aliyuncs.com", null, OssAddressing.Auto, false, "https://bucket.oss-cn-beijing.aliyuncs.com/k", "cn-beijing" },
        { "https://oss-cn-beijing-internal.aliyuncs.com", null, OssAddressing.Auto, false, "https://bucket.oss-cn-beijing-internal.aliyuncs.com/k", "cn-beijing" },
        { "cn-beijing.oss.aliyuncs.com", null, OssAddressing.Auto, false, "https://bucket.cn-beijing.oss.aliyuncs.com/k", "cn-beijing" },
        { "oss-accelerate.aliyuncs.com", "eu-central-1", OssAddressing.Auto, false, "https://bucket.oss-accelerate.aliyuncs.com/k", "eu-central-1" },
        { "https://files.example.com", "cn-hangzhou", OssAddressing.Cname, false, "https://files.example.com/k", "cn-hangzhou" },
        { "bucket.oss-cn-hangzhou.aliyuncs.com", null, OssAddressing.Cname, false, "https://bucket.oss-cn-hangzhou.aliyuncs.com/k", "cn-hangzhou" },
        { "http://127.0.0.1:9000", "cn-hangzhou", OssAddressing.Auto, false, "http://127.0.0.1:9000/bucket/k", "cn-hangzhou" },
        { "http://localhost:9000", "cn-hangzhou", OssAddressing.Auto, false, "http://localhost:9000/bucket/k", "cn-hangzhou" },
        { "http://[::1]:9000", "cn-hangzhou", OssAddressing.Auto, false, "http://[::1]:9000/bucket/k", "cn-hangzhou" },
        { "http://localhost:9000", "cn-hangzhou", OssAddressing.VirtualHost, false, "http://bucket.localhost:9000/k", "cn-hangzhou" },
        { "https://10.1.2.3", "cn-hangzhou", OssAddressing.Auto, false, "https://10.1.2.3/bucket/k", "cn-hangzhou" },
        { "https://store.example.com:8443", "r1", OssAddressing.Path, false, "https://store.example.com:8443/bucket/k", "r1" },
    };

    [Theory]
    [MemberData(nameof(Addresses))]
    public void Resolves(string? endpoint, string? region, OssAddressing addressing, bool isInternal, string url, string expectedRegion)
    {
        var options = new OssStoreOptions { Bucket = "bucket", Endpoint = endpoint, Region = region, Addressing = addressing, Internal = isInternal };
        var (resolved, errors) = OssEndpoint.Resolve(options);
        Assert.Empty(errors);
        Assert.Equal(url, resolved!.UriFor("k", "").OriginalString);
        Assert.Equal(url[..^1], resolved.UriFor(null, "").OriginalString);
        Assert.Equal(expectedRegion, resolved.Region);
    }

    [Fact]
    public void Every_mistake_is_listed_at_once()
    {
        var errors = new OssStoreOptions
        {
            Bucket = "Bad_Bucket",
            Endpoint = "http://example.com/path",
            Internal = true,
            Connection = new() { ConnectTimeout = TimeSpan.Zero, StallTimeout = TimeSpan.FromDays(1), ResponseTimeout = TimeSpan.FromMilliseconds(1) },
        }.Validate();

        foreach (var word in new[] { "Bad_Bucket", "no path", "unencrypted", "Internal", "Region", "ConnectTimeout", "StallTimeout", "ResponseTimeout" })
            Assert.Single(errors, e => e.Contains(word, StringComparison.Ordinal));
        Assert.Equal(8, errors.Count);
    }

    [Theory]
    [InlineData("http://oss-cn-hangzhou.aliyuncs.com", OssAddressing.Auto, "unencrypted")]
    [InlineData("https://oss-cn-beijing.aliyuncs.com", OssAddressing.Auto, "does not fit")]
    [InlineData("https://bucket.oss-cn-hangzhou.aliyuncs.com", OssAddressing.Auto, "begins with the bucket")]
    [InlineData("https://10.0.0.1", OssAddressing.VirtualHost, "IP address")]
    [InlineData("https://oss-cn-hangzhou.aliyuncs.com", OssAddressing.Path, "SecondLevelDomainForbidden")]
    [InlineData("https://s3.oss-cn-hangzhou.aliyuncs.com", OssAddressing.Auto, "S3 protocol")]
    [InlineData("ftp://example.com", OssAddressing.Auto, "http(s)")]
    [InlineData("https://user:pw@example.com", OssAddressing.Auto, "no path")]
    [InlineData(null, OssAddressing.Cname, "own domain")]
    public void Refuses(string? endpoint, OssAddressing addressing, string why) =>
        Assert.Contains(why, Assert.Single((Hangzhou with { Endpoint = endpoint, Addressing = addressing }).Validate()), StringComparison.Ordinal);

    [Fact]
    public void Plain_http_elsewhere_must_be_asked_for() =>
        Assert.Empty((Hangzhou with { Endpoint = "http://oss-cn-hangzhou.aliyuncs.com", AllowHttp = true }).Validate());

    [Fact]
    public void Create_reports_all_mistakes()
    {
        var e = Assert.Throws<ArgumentException>(() => OssObjectStore.Create(
            new OssStoreOptions(), new StaticCredentials(new StoreCredentials("a", "b")), TimeProvider.System));
        Assert.Contains("Bucket", e.Message, StringComparison.Ordinal);
        Assert.Contains("Region", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b+c/%41&?#é😀~-_.", "/bucket/a%20b%2Bc/%2541%26%3F%23%C3%A9%F0%9F%98%80~-_.")]
    [InlineData("a//b/./c/../d", "/bucket/a//b/./c/../d")]
    [InlineData("\t*'()", "/bucket/%09%2A%27%28%29")]
    public void Keys_are_encoded_byte_by_byte_and_never_normalised(string key, string target)
    {
        var endpoint = OssEndpoint.Resolve(Hangzhou with { Endpoint = "http://127.0.0.1:1" }).Endpoint!;
        Assert.Equal(target, endpoint.UriFor(key, "").PathAndQuery);
    }
}
