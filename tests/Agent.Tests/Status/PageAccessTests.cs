using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

/// <summary>Who gets into the page, and what other pages and other users get.</summary>
public sealed class PageAccessTests : IAsyncLifetime
{
    private StatusRig _rig = null!;
    private HttpClient _browser = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _rig = await StatusRig.StartAsync();
        _browser = _rig.NewClient();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task A_one_time_token_lets_one_browser_in()
    {
        var made = await _rig.PostAsync("v1/page-tokens");
        var url = made.GetProperty("url").GetString()!;
        Assert.Equal($"{_rig.Origin}/open?t={made.GetProperty("token").GetString()}", url);

        using var opened = await _browser.GetAsync(url, Stop);

        var cookie = Assert.Single(opened.Headers.GetValues("Set-Cookie"));
        var path = PathOf(cookie);
        Assert.StartsWith("/p/", path, StringComparison.Ordinal);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"url={path}\"", await opened.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Get, path + "v1/status", ("Cookie", ValueOf(cookie))));

        using var again = await _browser.GetAsync(url, Stop);
        Assert.False(again.Headers.Contains("Set-Cookie"));
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
    }

    [Fact]
    public void A_token_is_good_for_a_minute()
    {
        var time = new ManualTimeProvider();
        var pages = new PageAccess(time);
        var (soon, late) = (pages.NewToken(), pages.NewToken());
        time.Advance(PageAccess.TokenLife);
        Assert.NotNull(pages.Open(soon));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(pages.Open(late));
        Assert.Null(pages.Open(""));
    }

    [Fact]
    public async Task Without_its_cookie_a_session_gives_nothing()
    {
        var (path, cookie) = await SignInAsync();
        var (other, _) = await SignInAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(HttpMethod.Get, path + "v1/status"));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(HttpMethod.Get, path + "v1/status", ("Cookie", $"{PageAccess.CookieName}={ControlProof.NewToken()}")));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(HttpMethod.Get, other + "v1/status", ("Cookie", cookie)));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(HttpMethod.Get, "/v1/status", ("Cookie", cookie)));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(HttpMethod.Get, path));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(HttpMethod.Get, "/"));
    }

    /// <summary>Cross-site request forgery: another page makes the browser send a request, and the browser adds the cookie.</summary>
    [Theory]
    [InlineData("POST", null, null, "1")]
    [InlineData("POST", "http://evil.example", "cross-site", "1")]
    [InlineData("POST", "null", "cross-site", "1")]
    [InlineData("POST", "http://127.0.0.1:1", "same-site", "1")] // another port of this machine: another user's server
    [InlineData("POST", "http://localhost:{port}", "same-site", "1")]
    [InlineData("POST", "own", "same-origin", null)] // a form cannot send the header
    [InlineData("POST", "own", "cross-site", "1")]
    [InlineData("PUT", null, null, "1")]
    [InlineData("DELETE", null, null, "1")]
    [InlineData("GET", "http://evil.example", null, "1")]
    [InlineData("GET", null, "cross-site", null)]
    [InlineData("GET", null, "same-site", null)]
    public async Task Another_page_cannot_use_the_session(string method, string? origin, string? site, string? header)
    {
        var (path, cookie) = await SignInAsync();
        var headers = new List<(string, string)> { ("Cookie", cookie) };
        if (origin is not null) headers.Add(("Origin", origin == "own" ? _rig.Origin : origin.Replace("{port}", $"{_rig.Server.Address.Port}", StringComparison.Ordinal)));
        if (site is not null) headers.Add(("Sec-Fetch-Site", site));
        if (header is not null) headers.Add((PageGate.OwnHeader, header));

        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(new HttpMethod(method), path + (method == "GET" ? "v1/status" : "v1/pause"), [.. headers]));

        Assert.False(_rig.Agent.Live.IsPaused);
    }

    [Fact]
    public async Task The_page_itself_may_act()
    {
        var (path, cookie) = await SignInAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync(
            HttpMethod.Post, path + "v1/pause", ("Cookie", cookie), ("Origin", _rig.Origin), ("Sec-Fetch-Site", "same-origin"), (PageGate.OwnHeader, "1")));
        Assert.True(_rig.Agent.Live.IsPaused);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Get, path, ("Cookie", cookie), ("Sec-Fetch-Site", "none")));
    }

    /// <summary>A name of the attacker's that leads to this machine: the browser takes us for his server, and sends his pages' requests.</summary>
    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:{port}")]
    [InlineData("127.0.0.1.evil.example:{port}")]
    [InlineData("127.0.0.1")]
    public async Task A_rebound_name_gets_neither_page_nor_session(string host)
    {
        host = host.Replace("{port}", $"{_rig.Server.Address.Port}", StringComparison.Ordinal);
        var (path, cookie) = await SignInAsync();
        var token = (await _rig.PostAsync("v1/page-tokens")).GetProperty("token").GetString();
        foreach (var target in new[] { "/", path, path + "v1/status", $"/open?t={token}", "/v1/health", "/v1/hello" })
            Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(HttpMethod.Get, target, ("Host", host), ("Cookie", cookie)));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(HttpMethod.Get, $"/open?t={token}"));
    }

    [Fact]
    public async Task The_kernel_knows_whose_a_connection_is()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc/net/tcp");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient(AddressFamily.InterNetwork);
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Stop);
        var (near, far) = ((IPEndPoint)client.Client.LocalEndPoint!, (IPEndPoint)client.Client.RemoteEndPoint!);
        var own = NativeMethods.EffectiveUserId();
        Assert.Equal(own, LoopbackPeer.FindOwner(File.ReadLines("/proc/net/tcp"), near, far));
        Assert.True(LoopbackPeer.MayBeOurs(near, far));
        Assert.Equal(own == 0, LoopbackPeer.MayBeOf(own + 1, near, far)); // root's is everybody's
        Assert.False(LoopbackPeer.MayBeOf(own + 1, new IPEndPoint(IPAddress.Loopback, 1), far)); // nobody's
    }

    [Fact]
    public async Task A_connection_of_another_user_is_told_from_ours()
    {
        const uint Nobody = 65534;
        Assert.SkipUnless(OperatingSystem.IsLinux() && NativeMethods.EffectiveUserId() == 0 && File.Exists("/usr/bin/setpriv"), "needs root and setpriv");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var stranger = Process.Start("/usr/bin/setpriv", ["--reuid", $"{Nobody}", "--clear-groups", "bash", "-c", $"exec 3<>/dev/tcp/127.0.0.1/{port}; read -u 3"]);
        using var accepted = await listener.AcceptTcpClientAsync(Stop);
        var (peer, local) = ((IPEndPoint)accepted.Client.RemoteEndPoint!, (IPEndPoint)accepted.Client.LocalEndPoint!);
        Assert.False(LoopbackPeer.MayBeOf(1000, peer, local));
        Assert.True(LoopbackPeer.MayBeOf(Nobody, peer, local));
        accepted.Close();
        await stranger.WaitForExitAsync(Stop);
    }

    [Fact]
    public void An_address_of_ipv4_is_found_in_the_table_of_ipv6()
    {
        Assert.SkipUnless(BitConverter.IsLittleEndian, "the line is of such a machine");
        string[] table = ["  sl  local_address ...", "   0: 0000000000000000FFFF00000100007F:A0F2 0000000000000000FFFF00000100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 1 1"];
        Assert.Equal(1000u, LoopbackPeer.FindOwner(table, new IPEndPoint(IPAddress.Loopback, 0xA0F2), new IPEndPoint(IPAddress.Loopback, 0x1F90)));
        Assert.Null(LoopbackPeer.FindOwner([table[1].Replace(" 01 ", " 06 ", StringComparison.Ordinal)], new IPEndPoint(IPAddress.Loopback, 0xA0F2), new IPEndPoint(IPAddress.Loopback, 0x1F90)));
        Assert.Null(LoopbackPeer.FindOwner(table, new IPEndPoint(IPAddress.Loopback, 0x1F90), new IPEndPoint(IPAddress.Loopback, 0xA0F2)));
    }

    private static string PathOf(string cookie) =>
        cookie.Split("; ").Single(part => part.StartsWith("path=", StringComparison.OrdinalIgnoreCase))["path=".Length..];

    private static string ValueOf(string cookie) => cookie.Split(';')[0];

    private async Task<(string Path, string Cookie)> SignInAsync()
    {
        using var opened = await _browser.GetAsync((await _rig.PostAsync("v1/page-tokens")).GetProperty("url").GetString(), Stop);
        var cookie = Assert.Single(opened.Headers.GetValues("Set-Cookie"));
        return (PathOf(cookie), ValueOf(cookie));
    }

    private async Task<HttpStatusCode> AskAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await _browser.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
        return answer.StatusCode;
    }
}
