using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Tray.Tests.Api;

namespace SyncAgent.Tray.Tests.Desktop;

/// <summary>The tray's program in a session with a bus and a display: its life.</summary>
public sealed class TrayTests
{
    [Fact]
    public async Task It_is_the_only_one_of_its_state_folder_outlives_the_panel_and_ends_without_the_agent()
    {
        var state = Directory.CreateTempSubdirectory("syncagent-tray-");
        await using var agent = await FakeAgent.StartAsync(state.FullName);
        await using var desktop = await DesktopSession.StartAsync(new Dictionary<string, string>());
        agent.Tell("status", Snapshots.Json());
        var tray = desktop.StartTray(state.FullName);
        await desktop.SeeAsync(icon => icon.Property("IconName") == "syncagent-idle", "the icon");
        var second = (await desktop.RunTrayAsync("--state", state.FullName)).Expect(0);
        Assert.Contains("runs already", second.Output, StringComparison.Ordinal);

        await desktop.RestartPanelAsync();
        await desktop.SeeAsync(icon => icon.Property("IconName") == "syncagent-idle", "the icon in the panel's next life");
        await desktop.ClickAsync("Quit");
        await desktop.SeeNoneAsync();
        await tray.WaitForExitAsync().WaitAsync(Poll.Patience);
        Assert.Equal(0, tray.ExitCode);
        Assert.DoesNotContain(agent.Lines, line => line.Contains("shutdown", StringComparison.Ordinal));

        // A killed one leaves nothing in the way of the next, and SIGTERM ends one in order.
        var killed = desktop.StartTray(state.FullName);
        await desktop.SeeAsync(_ => true, "the icon of another");
        killed.Kill();
        await desktop.SeeNoneAsync();
        var last = desktop.StartTray(state.FullName);
        await desktop.SeeAsync(_ => true, "the icon of the last");
        await desktop.RunAsync("kill", "-TERM", $"{last.Id}");
        await last.WaitForExitAsync().WaitAsync(Poll.Patience);
        Assert.Equal(0, last.ExitCode);
        state.Delete(recursive: true);
    }

    [Fact]
    public async Task Without_a_display_or_a_bus_it_says_what_is_missing()
    {
        Places.SkipUnlessInstalled("dbus-daemon");
        var nothing = new Dictionary<string, string> { ["DISPLAY"] = "", ["WAYLAND_DISPLAY"] = "", ["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=/nowhere" };
        var program = Path.Combine(AppContext.BaseDirectory, "syncagent-tray");
        var busless = (await Command.RunAsync(program, ["--state", "/nowhere"], nothing)).Expect(69);
        Assert.Contains("no session bus", busless.Errors, StringComparison.Ordinal);

        await using var desktop = await DesktopSession.StartAsync(new Dictionary<string, string>());
        nothing["DBUS_SESSION_BUS_ADDRESS"] = desktop.Environment["DBUS_SESSION_BUS_ADDRESS"];
        var blind = (await Command.RunAsync(program, ["--state", "/nowhere"], nothing)).Expect(69);
        Assert.Contains("no display", blind.Errors, StringComparison.Ordinal);
    }
}
