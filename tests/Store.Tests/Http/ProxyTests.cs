using SyncAgent.DevStore;
using SyncAgent.TestKit;

namespace SyncAgent.Store.Tests;

public sealed class ProxyTests : IAsyncLifetime
{
    private static readonly StaticCredentials Keys = new(new StoreCredentials("ak", "sk"));
    private readonly string _folder = Directory.CreateTempSubdirectory("syncagent-proxy-").FullName;
    private DevStoreServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await DevStoreServer.StartAsync(new DevStoreOptions
    {
        RootDirectory = _folder,
        Credentials = [new DevStoreCredential("ak", "sk")],
        CreateBuckets = ["bucket"],
        Cnames = new Dictionary<string, string> { ["files.example.com"] = "bucket" },
        DurableWrites = false,
    });

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Plain_http_goes_through_the_proxy_in_absolute_form(bool withPassword)
    {
        await using var proxy = new ForwardProxy(_server.Endpoint.Port, withPassword ? "us er:pass@w/rd" : null);
        using var store = Through($"http://{(withPassword ? "us%20er:pass%40w%2Frd@" : "")}{proxy.Address}");
        // Small: sent at once, and once more when the proxy asks for its password. Large: waits for leave.
        foreach (var size in new[] { 3, 2 << 20 })
        {
            var bytes = new byte[size];
            new Random(size).NextBytes(bytes);
            var put = await store.PutAsync($"k{size}", new BytesContent(bytes), ObjectOptions.None, default);
            Assert.Equal(Crc64.Append(0, bytes), put.Crc64);
            using var body = await store.GetAsync($"k{size}", null, null, default);
            using var read = new MemoryStream();
            await body.Content.CopyToAsync(read);
            Assert.Equal(bytes, read.ToArray());
        }

        Assert.Equal(
            ["PUT http://files.example.com/k3 HTTP/1.1", "GET http://files.example.com/k3 HTTP/1.1",
             "PUT http://files.example.com/k2097152 HTTP/1.1", "GET http://files.example.com/k2097152 HTTP/1.1"],
            proxy.Passed);
    }

    [Fact]
    public async Task Https_goes_through_a_tunnel_and_the_certificate_is_still_the_servers()
    {
        using var authority = TestAuthority.Create("Company Root");
        using var certificate = authority.Issue("store.example.com");
        await using var server = await TlsServer.StartAsync(certificate);
        await using var proxy = new ForwardProxy(server.Port, "user:secret-word");
        using var store = OssObjectStore.Create(
            OssClient.Options("https://store.example.com") with
            {
                Addressing = OssAddressing.Path,
                Connection = new() { Proxy = $"http://user:secret-word@{proxy.Address}", CaFile = authority.WritePem(_folder) },
            },
            Keys, TimeProvider.System);
        Assert.Equal(3, (await store.HeadAsync("k", default))!.Size);
        Assert.Equal(["CONNECT store.example.com:443 HTTP/1.1"], proxy.Passed);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    public async Task A_proxy_that_refuses_is_named_and_the_password_is_not(string scheme)
    {
        await using var proxy = new ForwardProxy(_server.Endpoint.Port, "user:right");
        using var store = Through($"http://user:wrong-secret@{proxy.Address}", scheme);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync("k", default));
        Assert.Contains("407", error.Message, StringComparison.Ordinal);
        Assert.Contains("Check the proxy, its user and its password.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", error.ToString(), StringComparison.Ordinal);
        Assert.Empty(proxy.Passed);
    }

    [Fact]
    public async Task A_proxy_that_is_down_is_a_broken_connection()
    {
        string address;
        await using (var proxy = new ForwardProxy(1)) address = proxy.Address;
        using var store = Through($"http://user:secret-word@{address}");
        var error = await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync("k", default));
        Assert.Equal(StoreErrorKind.Network, error.Kind);
        Assert.DoesNotContain("secret-word", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task This_machine_is_reached_without_a_proxy()
    {
        using var store = OssObjectStore.Create(
            OssClient.Options(_server.Endpoint.GetLeftPart(UriPartial.Authority)) with { Connection = new() { Proxy = "http://127.0.0.1:1" } },
            Keys, TimeProvider.System);
        Assert.Null(await store.HeadAsync("k", default));
    }

    [Fact]
    public void None_and_the_environment_are_told_apart()
    {
        using var none = HttpHandlers.Make(new ConnectionOptions { Proxy = "none" }, isLoopback: false);
        Assert.False(none.UseProxy);
        using var environment = HttpHandlers.Make(new ConnectionOptions(), isLoopback: false);
        Assert.True(environment.UseProxy);
        Assert.Null(environment.Proxy);
    }

    [Theory]
    [InlineData("ftp://proxy:1", "expected a URL")]
    [InlineData("proxy:3128", "expected a URL")]
    [InlineData("user:secret-word@proxy:3128", "expected a URL")]
    [InlineData("http://user:secret-word@proxy:3128/path", "http://proxy:3128: only")]
    public void A_setting_that_cannot_be_used_is_told_without_its_password(string setting, string why)
    {
        var mistake = Assert.Single(new ConnectionOptions { Proxy = setting }.Validate());
        Assert.Contains(why, mistake, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-word", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void Printing_shows_no_password()
    {
        var options = new OssStoreOptions { Connection = new() { Proxy = "http://user:secret-word@proxy:3128" } };
        Assert.Contains("proxy http://proxy:3128", options.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret-word", options.ToString(), StringComparison.Ordinal);
    }

    private static OssObjectStore Through(string proxy, string scheme = "http") => OssObjectStore.Create(
        new OssStoreOptions
        {
            Endpoint = $"{scheme}://files.example.com", Addressing = OssAddressing.Cname, AllowHttp = true, Bucket = "bucket", Region = "cn-hangzhou",
            Connection = new() { Proxy = proxy },
        },
        Keys, TimeProvider.System);
}
