using System.Text;

namespace SyncAgent.Store.Tests;

/// <summary>A store, or whoever writes to its bucket, that means harm: every answer here is a refusal in bounded memory, never a crash, an
/// endless loop or a wrong success.</summary>
public sealed class HostileBucketTests
{
    private static readonly ListRequest Folder = new("p/", "/");

    public static TheoryData<string, string> Answers => new()
    {
        { "an entity bomb", "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>" + List("<Contents><Key>p/&b;</Key><Size>1</Size></Contents>") },
        { "an outside entity", "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>" + List("<Contents><Key>p/&a;</Key><Size>1</Size></Contents>") },
        { "a deep nest", List(string.Concat(Enumerable.Repeat("<x>", 200_000)) + string.Concat(Enumerable.Repeat("</x>", 200_000))) },
        { "a size below zero", List("<Contents><Key>p/a</Key><Size>-1</Size><ETag>e</ETag></Contents>") },
        { "a size beyond all numbers", List("<Contents><Key>p/a</Key><Size>9223372036854775808</Size><ETag>e</ETag></Contents>") },
        { "a key outside the prefix", List("<Contents><Key>q</Key><Size>1</Size><ETag>e</ETag></Contents>") },
        { "a short folder", List("<CommonPrefixes><Prefix>p</Prefix></CommonPrefixes>") },
        { "a folder that is none", List("<CommonPrefixes><Prefix>p/a</Prefix></CommonPrefixes>") },
        { "an end that is none", List("<IsTruncated>true</IsTruncated>") },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task What_no_honest_listing_says_is_refused(string what, string body)
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", body, "x-amz-request-id: 1", "Content-Type: application/xml"));
        using var oss = OssClient.For(server);
        using var s3 = S3Stores.For(server);
        foreach (var store in (IObjectStore[])[oss, s3])
        {
            var refused = await Assert.ThrowsAsync<StoreException>(() => store.ListAsync(Folder, TestContext.Current.CancellationToken));
            Assert.True(refused.Message.Contains("cannot be used", StringComparison.Ordinal), $"{what}: {refused.Message}");
        }
    }

    [Fact]
    public async Task A_listing_that_goes_on_where_it_began_ends()
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer(
            "200 OK", List("<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>"), "x-amz-request-id: 1", "Content-Type: application/xml"));
        using var oss = OssClient.For(server);
        using var s3 = S3Stores.For(server);
        foreach (var store in (IObjectStore[])[oss, s3])
        {
            Assert.Equal("again", (await store.ListAsync(Folder, TestContext.Current.CancellationToken)).ContinuationToken);
            await Assert.ThrowsAsync<StoreException>(() => store.ListAsync(Folder with { ContinuationToken = "again" }, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        await using var server = new RawServer(async connection =>
        {
            if (await connection.ReadRequestAsync() is null) return;
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nx-amz-request-id: 1\r\n\r\n<ListBucketResult><Name>");
            var rubbish = new string('x', 1 << 16);
            // The client hangs up long before this is over.
            for (var sent = 0; sent < 1 << 14; sent++) await connection.WriteAsync(rubbish);
        });
        using var oss = OssClient.For(server);
        Assert.Contains("longer than", (await Assert.ThrowsAsync<StoreException>(() => oss.ListAsync(Folder, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        using var s3 = S3Stores.For(server);
        Assert.Contains("longer than", (await Assert.ThrowsAsync<StoreException>(() => s3.ListAsync(Folder, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n", "four")]
    [InlineData("Content-Length: -1\r\n", "four")]
    [InlineData("Content-Encoding: gzip\r\nContent-Length: 4\r\n", null)]
    public async Task A_body_is_what_was_announced_or_an_error_and_never_unpacked(string headers, string? expectedFailure)
    {
        await using var server = new RawServer(async connection =>
        {
            if (await connection.ReadRequestAsync() is null) return;
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\nETag: \"e\"\r\n{headers}\r\nfour");
        });
        using var oss = OssClient.For(server);
        var read = async () =>
        {
            using var body = await oss.GetAsync("k", null, null, TestContext.Current.CancellationToken);
            using var bytes = new MemoryStream();
            await body.Content.CopyToAsync(bytes, TestContext.Current.CancellationToken);
            return Encoding.ASCII.GetString(bytes.ToArray());
        };
        if (expectedFailure is null) Assert.Equal("four", await read());
        else await Assert.ThrowsAsync<StoreException>(read);
    }

    private static string List(string inside) => $"<ListBucketResult><Name>b</Name>{inside}</ListBucketResult>";
}
