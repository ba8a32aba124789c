using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Store;

namespace SyncAgent.Agent.Tests;

public sealed class ControlTests : IAsyncLifetime
{
    private StatusRig _rig = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string State => _rig.Agent.Drive.Folder;

    public async ValueTask InitializeAsync() => _rig = await StatusRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_client_that_knows_the_state_folder_gets_the_status()
    {
        _rig.Agent.Drive.MakeFile("a", [1, 2, 3]);
        using var client = Assert.IsType<ControlClient>(await ControlClient.TryConnectAsync(State, Stop));
        var drive = Assert.Single((await client.GetStatusAsync(Stop)).Drives);
        Assert.Equal("/mnt/x", drive.MountPoint);
        Assert.Equal(3, drive.PendingBytes);
    }

    [Fact]
    public void The_address_is_the_owners_only()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(State, "agent.json")));
    }

    [Fact]
    public async Task The_address_goes_with_the_server()
    {
        await _rig.Server.DisposeAsync();
        Assert.Null(AgentFile.Read(State));
        Assert.Null(await ControlClient.TryConnectAsync(State, Stop));
    }

    [Fact]
    public async Task A_server_that_does_not_know_the_token_never_sees_it()
    {
        using var thief = new TcpListener(IPAddress.Loopback, 0);
        thief.Start();
        var received = new StringBuilder();
        using var end = new CancellationTokenSource();
        var serving = ServeAsync();
        AgentFile.Write(State, _rig.Server.Address with { Port = ((IPEndPoint)thief.LocalEndpoint).Port });

        Assert.Null(await ControlClient.TryConnectAsync(State, Stop));

        await end.CancelAsync();
        await serving;
        Assert.Contains("/v1/hello?nonce=", received.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(_rig.Server.Address.Token, received.ToString(), StringComparison.OrdinalIgnoreCase);

        // It answers as politely as it can without the token: with a proof of a token of its own.
        async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var connection = await thief.AcceptTcpClientAsync(end.Token);
                    var stream = connection.GetStream();
                    var buffer = new byte[4096];
                    var length = await stream.ReadAsync(buffer, end.Token);
                    received.Append(Encoding.ASCII.GetString(buffer, 0, length));
                    var body = $$"""{"proof":"{{ControlProof.NewToken()}}"}""";
                    await stream.WriteAsync(
                        Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"), end.Token);
                }
            }
            catch (OperationCanceledException)
            {
                // the test is over
            }
        }
    }

    [Fact]
    public async Task The_proof_is_the_hmac_of_the_nonce()
    {
        var nonce = ControlProof.NewNonce();
        using var http = Http(withToken: false);
        var text = await http.GetStringAsync($"v1/hello?nonce={nonce}", Stop);
        var proof = System.Security.Cryptography.HMACSHA256.HashData(Convert.FromHexString(_rig.Server.Address.Token), Convert.FromHexString(nonce));
        Assert.Equal(Convert.ToHexStringLower(proof), JsonDocument.Parse(text).RootElement.GetProperty("proof").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("?nonce=00")]
    [InlineData("?nonce=zz00000000000000000000000000000000000000000000000000000000000000")]
    public async Task A_poor_nonce_gets_no_proof(string query)
    {
        using var http = Http(withToken: false);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync($"v1/hello{query}", Stop)).StatusCode);
    }

    [Theory]
    [InlineData("GET", "v1/status")]
    [InlineData("GET", "v1/wait")]
    [InlineData("POST", "v1/shutdown")]
    [InlineData("DELETE", "v1/drives?mount=/mnt/x")]
    public async Task Nothing_is_done_without_the_token(string method, string path)
    {
        using var http = Http(withToken: false);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Stop)).StatusCode);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ControlProof.NewToken());
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Stop)).StatusCode);
        Assert.Single(_rig.Agent.Host.Drives);
        Assert.False(_rig.Agent.Host.StopRequested.IsCompleted);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Host", "127.0.0.1:1")]
    [InlineData("Host", "evil.example:{port}")]
    [InlineData("Origin", "http://127.0.0.1:{port}")]
    [InlineData("Origin", "null")]
    public async Task A_foreign_host_or_a_web_page_is_refused_even_with_the_token(string header, string value)
    {
        using var http = Http(withToken: true);
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/status");
        request.Headers.TryAddWithoutValidation(header, value.Replace("{port}", _rig.Server.Address.Port.ToString(), StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Forbidden, (await http.SendAsync(request, Stop)).StatusCode);
    }

    [Fact]
    public async Task Localhost_is_our_host_too()
    {
        using var http = Http(withToken: true);
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/status");
        request.Headers.Host = $"localhost:{_rig.Server.Address.Port}";
        Assert.Equal(HttpStatusCode.OK, (await http.SendAsync(request, Stop)).StatusCode);
    }

    [Fact]
    public async Task A_drive_is_added_and_taken_away()
    {
        using var client = await ControlClient.TryConnectAsync(State, Stop);
        var settings = _rig.Agent.Settings("/mnt/other", "other-bucket") with { ReadOnly = true };
        var engine = new EngineSettings { PartSize = 1 << 20, Debounce = TimeSpan.FromSeconds(2) };
        var request = new MountRequest(settings, engine, new StoreCredentials("second", "hidden", "token"));

        Assert.False((await client!.MountAsync(request, Stop)).AlreadyMounted);
        Assert.True((await client.MountAsync(request, Stop)).AlreadyMounted);

        var order = _rig.Agent.Opener.Orders[1];
        Assert.Equal((settings, engine), (order.Settings with { Objects = settings.Objects }, order.Engine));
        Assert.Equal(new StoreCredentials("second", "hidden", "token"), await order.Credentials.GetAsync(Stop));
        Assert.True((await client.UnmountAsync("/mnt/other", null, Stop)).Pending.IsEmpty);
        Assert.True(_rig.Agent.Opener.Opened[1].Disposed);
        var gone = await Assert.ThrowsAsync<CommandException>(() => client.UnmountAsync("/mnt/other", null, Stop));
        Assert.Contains("no drive is mounted", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_file_gets_another_chance()
    {
        var node = _rig.Agent.Drive.MakeFile("a", [1]);
        _rig.Agent.Drive.Change(writer => writer.Fail(node, Journal.Problem.Failed, "refused"));
        using var http = Http(withToken: true);

        var answer = await http.PostAsync("v1/retry", null, Stop);

        Assert.Equal("""{"files":1}""", await answer.Content.ReadAsStringAsync(Stop));
        Assert.True(_rig.Agent.Drive.Reader.Node(node) is { Problem: Journal.Problem.None, Pending: true });
        Assert.Equal(1, _rig.Agent.Live.Wakes);
    }

    [Fact]
    public async Task Files_are_listed_by_state()
    {
        _rig.Agent.Drive.MakeFile("a", [1]);
        var failed = _rig.Agent.Drive.MakeFile("b", [1]);
        _rig.Agent.Drive.Change(writer => writer.Fail(failed, Journal.Problem.Failed, "refused"));
        using var http = Http(withToken: true);

        var text = await http.GetStringAsync("v1/files?state=failed", Stop);

        Assert.Equal($$"""{"files":[{"path":"/mnt/x/b","state":"failed","reason":"refused","node":{{failed}},"size":1}],"more":false}""", text.ToLowerInvariant());
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync("v1/files?state=odd", Stop)).StatusCode);
    }

    [Fact]
    public async Task A_stop_ends_waits_that_are_under_way()
    {
        _rig.Agent.Drive.MakeFile("a", [1]);
        using var http = Http(withToken: true);
        var waiting = http.GetAsync("v1/wait?timeout=20", Stop);
        Assert.Equal(HttpStatusCode.Accepted, (await http.PostAsync("v1/shutdown", null, Stop)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await waiting).StatusCode);
        Assert.True(_rig.Agent.Host.StopRequested.IsCompleted);
    }

    private HttpClient Http(bool withToken)
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_rig.Server.Address.Port}/") };
        if (withToken) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _rig.Server.Address.Token);
        return http;
    }
}
