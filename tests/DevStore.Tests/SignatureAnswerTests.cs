using System.Globalization;

namespace SyncAgent.DevStore.Tests;

/// <summary>The documentation's and the official SDKs' known answers, checked by the whole authenticator.</summary>
public class SignatureAnswerTests
{
    private static readonly KeyValuePair<string, string>[] Query =
    [
        new("param1", "value1"), new("+param1", "value3"), new("|param1", "value4"), new("+param2", ""), new("|param2", ""), new("param2", ""),
    ];

    [Theory]
    [InlineData(1702743657, null, null, "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe")]
    [InlineData(1702784856, "token", null, "b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea")]
    [InlineData(1702747512, null, "abc;zabc", "4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f")]
    public void V4_header(long time, string? token, string? additional, string signature)
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(time);
        string stamp = Stamp(now);
        var headers = Headers("text/plain");
        headers["x-oss-content-sha256"] = "UNSIGNED-PAYLOAD";
        headers["x-oss-date"] = stamp;
        if (token is not null) headers["x-oss-security-token"] = token;
        string extra = additional is null ? "" : $",AdditionalHeaders={additional}";
        headers["authorization"] = $"OSS4-HMAC-SHA256 Credential=ak/{stamp[..8]}/cn-hangzhou/oss/aliyun_v4_request{extra},Signature={signature}";
        Verify(new OssRequest { Method = "PUT", BucketName = "bucket", ObjectKey = "1234+-/123/1.txt", Query = Query, Headers = headers }, now, token);
    }

    [Theory]
    [InlineData(1702781677, null, null, "a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe")]
    [InlineData(1702785388, "token", null, "3817ac9d206cd6dfc90f1c09c00be45005602e55898f26f5ddb06d7892e1f8b5")]
    [InlineData(1702783809, null, "abc;zabc", "6bd984bfe531afb6db1f7550983a741b103a8c58e5e14f83ea474c2322dfa2b7")]
    public void V4_presigned(long time, string? token, string? additional, string signature)
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(time);
        string stamp = Stamp(now);
        List<KeyValuePair<string, string>> query =
        [
            .. Query,
            new("x-oss-signature-version", "OSS4-HMAC-SHA256"),
            new("x-oss-credential", $"ak/{stamp[..8]}/cn-hangzhou/oss/aliyun_v4_request"),
            new("x-oss-date", stamp),
            new("x-oss-expires", "599"),
            new("x-oss-signature", signature),
        ];
        if (token is not null) query.Add(new("x-oss-security-token", token));
        if (additional is not null) query.Add(new("x-oss-additional-headers", additional));
        var request = new OssRequest
        {
            Method = "PUT", BucketName = "bucket", ObjectKey = "1234+-/123/1.txt", Query = query, Headers = Headers("application/octet-stream"),
        };
        Verify(request, now, token);
    }

    [Theory]
    [InlineData(599, "599", null)]
    [InlineData(600, "599", "AccessDenied")]
    [InlineData(-900, "599", null)]
    [InlineData(-901, "599", "RequestTimeTooSkewed")]
    [InlineData(0, "0", "InvalidArgument")]
    [InlineData(0, "604801", "InvalidArgument")]
    [InlineData(0, "604800", "SignatureDoesNotMatch")]
    public void V4_presigned_lives_as_long_as_it_says(int later, string expires, string? code)
    {
        DateTimeOffset signedAt = DateTimeOffset.FromUnixTimeSeconds(1702781677);
        List<KeyValuePair<string, string>> query =
        [
            .. Query,
            new("x-oss-signature-version", "OSS4-HMAC-SHA256"),
            new("x-oss-credential", $"ak/{Stamp(signedAt)[..8]}/cn-hangzhou/oss/aliyun_v4_request"),
            new("x-oss-date", Stamp(signedAt)),
            new("x-oss-expires", expires),
            new("x-oss-signature", "a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe"),
        ];
        var request = new OssRequest
        {
            Method = "PUT", BucketName = "bucket", ObjectKey = "1234+-/123/1.txt", Query = query, Headers = Headers("application/octet-stream"),
        };
        Exception? refused = Record.Exception(() => Checker("sk", null, signedAt.AddSeconds(later)).Check(request));
        Assert.Equal(code, (refused as OssException)?.Code);
    }

    [Theory]
    [InlineData(false, "kSHKmLxlyEAKtZPkJhG9bZb5k7M=")]
    [InlineData(true, "/afkugFbmWDQ967j1vr6zygBLQk=")]
    public void V1_header(bool acl, string signature)
    {
        const string date = "Wed, 28 Dec 2022 10:27:41 GMT";
        var request = new OssRequest
        {
            Method = "PUT",
            BucketName = "examplebucket",
            ObjectKey = "nelson",
            Query = acl ? [new("acl", "")] : [],
            Headers = new Dictionary<string, string>
            {
                ["content-md5"] = "eB5eJF1ptWaXm4bijSPyxw==",
                ["content-type"] = "text/html",
                ["x-oss-meta-author"] = "alice",
                ["x-oss-meta-magic"] = "abracadabra",
                ["x-oss-date"] = date,
                ["date"] = date,
                ["authorization"] = $"OSS ak:{signature}",
            },
        };
        Verify(request, DateTimeOffset.ParseExact(date, "R", CultureInfo.InvariantCulture), null);
    }

    /// <summary>Accepts the known answer, and refuses it when the key is another.</summary>
    private static void Verify(OssRequest request, DateTimeOffset now, string? token)
    {
        Checker("sk", token, now).Check(request);
        Assert.Equal("SignatureDoesNotMatch", Assert.Throws<OssException>(() => Checker("sl", token, now).Check(request)).Code);
    }

    private static Authenticator Checker(string secret, string? token, DateTimeOffset now) => new(new DevStoreOptions
    {
        RootDirectory = "unused",
        Credentials = [new DevStoreCredential("ak", secret, token)],
        TimeProvider = new ManualClock(now),
    });

    private static Dictionary<string, string> Headers(string contentType) => new()
    {
        ["content-type"] = contentType,
        ["x-oss-head1"] = "value",
        ["abc"] = "value",
        ["zabc"] = "value",
        ["xyz"] = "value",
    };

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
}
