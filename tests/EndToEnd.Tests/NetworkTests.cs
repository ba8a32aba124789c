using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.TestKit;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>A network that fails between a mounted drive and its store (P10): work goes on, the reason is told, and everything arrives by itself
/// once the network is right again.</summary>
public class NetworkTests
{
    // Debian's libnss-wrapper: one process resolves names by a file of its own.
    private static readonly string NameWrapper = $"/usr/lib/{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64" : "x86_64")}-linux-gnu/libnss_wrapper.so";

    [Fact]
    public async Task A_certificate_that_is_not_trusted_any_more_stops_no_program_and_nothing_is_sent_past_it()
    {
        await using var rig = await Rig.StartAsync();
        using var authority = TestAuthority.Create("end to end");
        using var stranger = TestAuthority.Create("somebody else");
        using var right = authority.Issue("127.0.0.1");
        using var expired = authority.Issue("127.0.0.1", until: new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var wrong = stranger.Issue("127.0.0.1");
        await using var proxy = new TlsProxy(rig.Store.Endpoint, right);
        await rig.MountAsync(rig.MountLineTo(proxy.Endpoint, "--ca-file", authority.WritePem(rig.Work)));
        await rig.ListAsync();
        await CopyAsync(rig, "before", 300_000);
        (await rig.WaitAsync()).Expect(0);

        foreach (var (name, certificate) in new[] { ("expired", expired), ("stranger", wrong) })
        {
            proxy.Show(certificate);
            await CopyAsync(rig, name, 2 << 20);
            var health = await UntilNotOkAsync(rig, "certificate");
            Assert.Contains("certificate", (string)health["error"]!, StringComparison.OrdinalIgnoreCase);
            await rig.ShAsync($"""cmp source/{name} "$DRIVE"/{name}; cmp source/before "$DRIVE"/before; ls "$DRIVE" >/dev/null""");
            Assert.Equal(2, (await rig.AgentAsync("wait", "--state", rig.State, "--timeout", "0")).ExitCode);
            Assert.DoesNotContain(name, await rig.ChangeBucketAsync("list", ""), StringComparison.Ordinal);

            proxy.Show(right);
            (await rig.WaitAsync()).Expect(0);
        }

        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.InRange(rig.AgentLog().Count, 0, 20);
    }

    [Fact]
    public async Task A_name_that_resolves_no_more_stops_no_program()
    {
        Assert.SkipUnless(File.Exists(NameWrapper), "needs the package libnss-wrapper");
        await using var rig = await Rig.StartAsync();
        var names = Path.Combine(rig.Work, "hosts");
        File.WriteAllText(names, "127.0.0.1 store.example\n");
        var environment = new Dictionary<string, string>(rig.Environment) { ["LD_PRELOAD"] = NameWrapper, ["NSS_WRAPPER_HOSTS"] = names };
        (await Command.RunAsync(
            Places.Program, rig.MountLineTo(new Uri($"http://store.example:{rig.Store.Endpoint.Port}"), "--allow-http", "--addressing", "path"), environment)).Expect(0);
        await rig.ListAsync();
        await CopyAsync(rig, "before", 300_000);
        (await rig.WaitAsync()).Expect(0);

        // Connections that are open need no name: they end with the store's process.
        File.WriteAllText(names, "127.0.0.2 other.example\n");
        await rig.Store.KillAsync();
        await rig.Store.StartAsync();
        await CopyAsync(rig, "after", 2 << 20);
        var health = await UntilNotOkAsync(rig, "name");
        Assert.Contains("Name or service not known", (string)health["error"]!, StringComparison.Ordinal);
        await rig.ShAsync("""cmp source/after "$DRIVE"/after; cmp source/before "$DRIVE"/before; mv "$DRIVE"/before "$DRIVE"/moved; mv source/before source/moved""");

        File.WriteAllText(names, "127.0.0.1 store.example\n");
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.InRange(rig.AgentLog().Count, 0, 20);
    }

    private static async Task CopyAsync(Rig rig, string name, int length)
    {
        rig.MakeFile($"source/{name}", length, seed: length);
        await rig.ShAsync($"""cp source/{name} "$DRIVE"/{name}""");
    }

    private static Task<JsonNode> UntilNotOkAsync(Rig rig, string what) =>
        Poll.UntilAsync(async () => (await rig.DriveStatusAsync())["health"]!, health => (string)health["state"]! != "ok" && health["error"] is not null, $"a {what} that is refused");
}
