namespace SyncAgent.Store.Tests;

public class S3EndpointTests
{
    [Theory]
    [InlineData(null, "eu-central-1", "https://s3.eu-central-1.amazonaws.com/", "eu-central-1", false)]
    [InlineData(null, "cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn/", "cn-north-1", false)]
    [InlineData("s3.eu-west-2.amazonaws.com", null, "https://s3.eu-west-2.amazonaws.com/", "eu-west-2", false)]
    [InlineData("s3.dualstack.us-west-2.amazonaws.com", null, "https://s3.dualstack.us-west-2.amazonaws.com/", "us-west-2", false)]
    [InlineData("https://s3.amazonaws.com", null, "https://s3.amazonaws.com/", "us-east-1", false)]
    [InlineData("http://127.0.0.1:9000", null, "http://127.0.0.1:9000/", "us-east-1", true)]
    [InlineData("http://[::1]:9000", null, "http://[::1]:9000/", "us-east-1", true)]
    [InlineData("minio.example.com", "home-1", "https://minio.example.com/", "home-1", true)]
    [InlineData("s3.oss-cn-hangzhou.aliyuncs.com", "cn-hangzhou", "https://s3.oss-cn-hangzhou.aliyuncs.com/", "cn-hangzhou", false)]
    public void An_address_follows_from_the_options(string? endpoint, string? region, string service, string signedRegion, bool byPath)
    {
        var (made, errors) = S3Endpoint.Resolve(new S3StoreOptions { Bucket = "bucket", Endpoint = endpoint, Region = region });
        Assert.Empty(errors);
        Assert.Equal((new Uri(service), signedRegion, byPath), (made!.Service, made.Region, made.PathStyle));
    }

    [Fact]
    public void A_bucket_with_a_dot_stands_in_the_path()
    {
        Assert.True(S3Endpoint.Resolve(new S3StoreOptions { Bucket = "a.b", Region = "eu-central-1" }).Endpoint!.PathStyle);
        Assert.Single(new S3StoreOptions { Bucket = "a.b", Region = "eu-central-1", PathStyle = false }.Validate());
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var options = new S3StoreOptions
        {
            Bucket = "UPPER", Region = "no region", Endpoint = "http://files.example.com/path", ConditionalWrites = (S3ConditionalWrites)9,
            Connection = new ConnectionOptions { StallTimeout = TimeSpan.Zero },
        };
        var errors = options.Validate();
        Assert.Equal(6, errors.Count);
        Assert.Contains(errors, e => e.Contains("AllowHttp", StringComparison.Ordinal));
        var thrown = Assert.Throws<ArgumentException>(
            () => S3ObjectStore.Create(options, new StaticCredentials(new StoreCredentials("ak", "sk")), TimeProvider.System));
        Assert.All(errors, e => Assert.Contains(e, thrown.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bucket", null, null, "Region")]
    [InlineData("bucket--use1-az4--x-s3", null, "us-east-1", "directory buckets")]
    [InlineData("bucket", "ftp://host", null, "http(s)")]
    [InlineData("bucket", "https://bucket.s3.eu-west-1.amazonaws.com", null, "begins with the bucket")]
    [InlineData("bucket", "s3.eu-west-1.amazonaws.com", "eu-west-2", "does not fit")]
    [InlineData("bucket", "oss-cn-hangzhou.aliyuncs.com", null, "choose the store oss")]
    public void What_cannot_work_is_refused(string bucket, string? endpoint, string? region, string says) => Assert.Contains(
        says, Assert.Single(new S3StoreOptions { Bucket = bucket, Endpoint = endpoint, Region = region }.Validate()), StringComparison.Ordinal);
}
