using System.Net;

namespace SyncAgent.DevStore.Tests;

public class HostileKeyTests : ServerTest
{
    public static TheoryData<string> Keys =>
    [
        "..", ".", "a/../b", "a/./b", "a//b", "a/", "dir/..", "../../etc/passwd", "%", "%2F", "%2e%2e", "a+b", "a b", "a\\b", "q?x=1&y", "h#f", "\"'<>&",
        "tab\tnewline\nreturn\r", "\u0001\u007F", "日本語", "e\u0301", "\u00E9", "𝒳\uFFFD\uE000", "CON", "nul.txt", "trailing.", "trailing ", "*|:;", "~", "-/devstore/faults",
        new string('x', 1023), new string('日', 341),
    ];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task A_name_is_only_a_name(string key)
    {
        byte[] body = Bytes(100, key.Length);
        Assert.Equal(HttpStatusCode.OK, (await Client.PutAsync(key, body)).Status);
        Assert.Equal([key], Server.ListKeys(TestClient.Bucket));
        Assert.Equal(body, (await Client.GetAsync(key)).Body);
        Answer list = await Client.ListAsync($"list-type=2&encoding-type=url&prefix={TestClient.Escape(key)}");
        Assert.Equal([key], list.Texts("Contents", "Key").Select(Uri.UnescapeDataString));
        string upload = await Client.InitiateAsync(key);
        Assert.Equal((key, upload), Server.OpenUploads(TestClient.Bucket).Select(u => (u.Key, u.UploadId)).Single());
        await RestartAsync();
        Assert.Equal(body, (await Client.GetAsync(key)).Body);
        Assert.Equal(HttpStatusCode.NoContent, (await Client.DeleteAsync(key)).Status);
        Assert.Empty(Server.ListKeys(TestClient.Bucket));
    }

    [Theory]
    [InlineData("%2Fabsolute")]
    [InlineData("/double")]
    [InlineData("%5Cback")]
    [InlineData("%FF")]
    [InlineData("%ED%A0%80")]
    [InlineData("%zz")]
    [InlineData("a%2")]
    public async Task Invalid_names_are_refused(string encodedKey)
    {
        Answer answer = await Client.SendAsync(HttpMethod.Put, "/bucket/" + encodedKey, new ByteArrayContent([1]));
        Assert.Equal((HttpStatusCode.BadRequest, "InvalidObjectName"), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Longer_names_are_refused()
    {
        Assert.Equal("InvalidObjectName", (await Client.PutAsync(new string('x', 1024), [1])).Code);
        Assert.Equal("InvalidObjectName", (await Client.PutAsync(new string('日', 342), [1])).Code);
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("Upper")]
    [InlineData("-start")]
    [InlineData("..")]
    public async Task Bucket_names(string name)
    {
        Answer answer = await Client.SendAsync(HttpMethod.Put, $"/{name}/", null);
        Assert.Equal("InvalidBucketName", answer.Code);
    }
}
