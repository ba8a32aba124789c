using System.Net;

namespace SyncAgent.DevStore.Tests;

public class BucketTests : ServerTest
{
    [Fact]
    public async Task Life_of_a_bucket()
    {
        Assert.Equal(HttpStatusCode.OK, (await Client.SendAsync(HttpMethod.Put, "/second-bucket/")).Status);
        Assert.Equal(HttpStatusCode.OK, (await Client.SendAsync(HttpMethod.Head, "/second-bucket/")).Status);
        Assert.Equal(["bucket", "second-bucket"], (await Client.SendAsync(HttpMethod.Get, "/")).Xml.Descendants("Name").Select(n => n.Value));
        Assert.Equal("second-bucket", (await Client.SendAsync(HttpMethod.Get, "/second-bucket/?bucketInfo")).Xml.Descendants("Name").Single().Value);
        Assert.Equal("oss-cn-hangzhou", (await Client.SendAsync(HttpMethod.Get, "/second-bucket/?location")).Xml.Value);
        Assert.Equal("private", (await Client.SendAsync(HttpMethod.Get, "/second-bucket/?acl")).Xml.Descendants("Grant").Single().Value);
        await RestartAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await Client.SendAsync(HttpMethod.Delete, "/second-bucket/")).Status);
        Assert.Equal("NoSuchBucket", (await Client.SendAsync(HttpMethod.Get, "/second-bucket/?bucketInfo")).Code);
        Assert.Equal("NoSuchBucket", (await Client.SendAsync(HttpMethod.Put, "/second-bucket/k", new ByteArrayContent([1]))).Code);
    }

    [Fact]
    public async Task A_bucket_in_use_stays()
    {
        await Client.PutAsync("k", [1]);
        Assert.Equal("BucketNotEmpty", (await Client.SendAsync(HttpMethod.Delete, "/bucket/")).Code);
        await Client.DeleteAsync("k");
        await Client.InitiateAsync("k");
        Assert.Equal("BucketNotEmpty", (await Client.SendAsync(HttpMethod.Delete, "/bucket/")).Code);
    }

    [Theory]
    [InlineData("GET", "/bucket/?lifecycle")]
    [InlineData("PUT", "/bucket/?cors")]
    [InlineData("POST", "/bucket/k?append&position=0")]
    [InlineData("PUT", "/bucket/k?symlink")]
    [InlineData("PATCH", "/bucket/k")]
    public async Task What_is_not_there_says_so(string method, string target)
    {
        Answer answer = await Client.SendAsync(new HttpMethod(method), target);
        Assert.Equal((HttpStatusCode.BadRequest, "NotImplemented"), (answer.Status, answer.Code));
    }
}
