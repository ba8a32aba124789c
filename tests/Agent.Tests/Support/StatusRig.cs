using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Setup;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>An agent with a fake drive, its API, and those who talk to it.</summary>
internal sealed class StatusRig : IAsyncDisposable
{
    private StatusRig(TestAgent agent, ControlServer server)
    {
        Agent = agent;
        Server = server;
        Http = NewClient();
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Address.Token);
    }

    public TestAgent Agent { get; }

    public ControlServer Server { get; }

    /// <summary>Shows the token.</summary>
    public HttpClient Http { get; }

    public string Origin => $"http://127.0.0.1:{Server.Address.Port.ToString(CultureInfo.InvariantCulture)}";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The configuration file that setup writes; in a folder of its own that is not there yet.</summary>
    public string Config => Path.Combine(Agent.Drive.Folder + ".config", "config.json");

    public static async Task<StatusRig> StartAsync()
    {
        var agent = await TestAgent.StartAsync();
        var home = new SetupHome(Path.Combine(agent.Drive.Folder + ".config", "config.json"), agent.Drive.Folder, _ => null);
        var server = await ControlServer.StartAsync(agent.Drive.Folder, new ControlRoutes(agent.Host, NullLogger.Instance, home), NullLoggerFactory.Instance);
        server.Publish();
        return new StatusRig(agent, server);
    }

    /// <summary>Shows nothing, follows nothing and keeps nothing.</summary>
    public HttpClient NewClient() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(Origin + "/") };

    public async Task<JsonElement> GetAsync(string path) => (await Http.GetFromJsonAsync<JsonElement>(path, Stop)).Clone();

    public async Task<JsonElement> PostAsync(string path)
    {
        using var answer = await Http.PostAsync(path, null, Stop);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Stop)).Clone();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        await Agent.DisposeAsync();
        if (Path.GetDirectoryName(Config) is { } folder && Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}
