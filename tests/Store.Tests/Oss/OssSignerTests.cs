using System.Web;

namespace SyncAgent.Store.Tests;

/// <summary>The answers that Alibaba's own clients publish for signature version 4.</summary>
public class OssSignerTests
{
    private static readonly KeyValuePair<string, string>[] Query =
    [
        new("param1", "value1"), new("+param1", "value3"), new("|param1", "value4"), new("+param2", ""), new("|param2", ""), new("param2", ""),
    ];

    [Theory]
    [InlineData(1702743657, null, "", "e21d18daa82167720f9b1047ae7e7f1ce7cb77a31e8203a7d5f4624fa0284afe")]
    [InlineData(1702784856, "token", "", "b94a3f999cf85bcdc00d332fbd3734ba03e48382c36fa4d5af5df817395bd9ea")]
    [InlineData(1702747512, null, "ZAbc,abc", "4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f")]
    [InlineData(1702747512, null, "x-oss-no-exist,ZAbc,x-oss-head1,abc", "4a4183c187c07c8947db7620deb0a6b38d9fbdd34187b6dbaccb316fa251212f")]
    public void Header(long seconds, string? token, string additional, string signature)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        List<KeyValuePair<string, string>> headers =
        [
            .. Headers("text/plain"), new("x-oss-content-sha256", "UNSIGNED-PAYLOAD"), new("x-oss-date", OssSigner.FormatTime(time)),
        ];
        if (token is not null) headers.Add(new("x-oss-security-token", token));

        var authorization = Signer(token).Authorize(Request(headers, additional), time);

        var named = additional.Length == 0 ? "" : ",AdditionalHeaders=abc;zabc";
        Assert.Equal(
            $"OSS4-HMAC-SHA256 Credential=ak/{time:yyyyMMdd}/cn-hangzhou/oss/aliyun_v4_request{named},Signature={signature}", authorization);
    }

    [Theory]
    [InlineData(1702781677, null, "", "a39966c61718be0d5b14e668088b3fa07601033f6518ac7b523100014269c0fe")]
    [InlineData(1702785388, "token", "", "3817ac9d206cd6dfc90f1c09c00be45005602e55898f26f5ddb06d7892e1f8b5")]
    [InlineData(1702783809, null, "ZAbc,abc", "6bd984bfe531afb6db1f7550983a741b103a8c58e5e14f83ea474c2322dfa2b7")]
    [InlineData(1702783809, null, "x-oss-no-exist,abc,x-oss-head1,ZAbc", "6bd984bfe531afb6db1f7550983a741b103a8c58e5e14f83ea474c2322dfa2b7")]
    public void Presigned(long seconds, string? token, string additional, string signature)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(seconds);
        var query = HttpUtility.ParseQueryString(
            Signer(token).Presign(Request([.. Headers("application/octet-stream")], additional), time, TimeSpan.FromSeconds(599)));

        Assert.Equal(signature, query["x-oss-signature"]);
        Assert.Equal("OSS4-HMAC-SHA256", query["x-oss-signature-version"]);
        Assert.Equal("599", query["x-oss-expires"]);
        Assert.Equal($"ak/{time:yyyyMMdd}/cn-hangzhou/oss/aliyun_v4_request", query["x-oss-credential"]);
        Assert.Equal(OssSigner.FormatTime(time), query["x-oss-date"]);
        Assert.Equal(token, query["x-oss-security-token"]);
        Assert.Equal(additional.Length == 0 ? null : "abc;zabc", query["x-oss-additional-headers"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7 * 24 * 3600 + 1)]
    public void A_presigned_url_lives_between_a_second_and_seven_days(int seconds) => Assert.Throws<ArgumentOutOfRangeException>(
        () => Signer(null).Presign(Request([], ""), DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(seconds)));

    private static OssSigner Signer(string? token) => new("cn-hangzhou", new StoreCredentials("ak", "sk", token));

    private static KeyValuePair<string, string>[] Headers(string contentType) =>
        [new("x-oss-head1", "value"), new("abc", "value"), new("zabc", "value"), new("xyz", "value"), new("content-type", contentType)];

    private static OssSigningRequest Request(List<KeyValuePair<string, string>> headers, string additional) =>
        new("PUT", "bucket", "1234+-/123/1.txt", Query, headers, additional.Split(',', StringSplitOptions.RemoveEmptyEntries));
}
