using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Tray.Tests.Api;

namespace SyncAgent.Tray.Tests.Desktop;

/// <summary>The Windows half of the tray as far as Wine goes: its own notification area, menus and registry, none of them Microsoft's.</summary>
public sealed class WineTests
{
    private const int IconPixels = 60;
    private const int MenuPixels = 15_000;

    /// <summary>From the bottom of the display to the middle of the items.</summary>
    private const int Quit = 32;
    private const int Pause = 88;

    [Fact]
    public async Task Icon_menu_and_autostart_work_in_the_notification_area_of_wine()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SYNCAGENT_TEST_WINE") == "1", "needs Wine: test.sh --wine");
        await using var desktop = await WineDesktop.StartAsync();
        Assert.Contains("syncagent-tray.exe", await desktop.AutostartAsync("on"), StringComparison.Ordinal);
        Assert.DoesNotContain("syncagent-tray.exe", await desktop.AutostartAsync("off"), StringComparison.Ordinal);

        var state = Directory.CreateTempSubdirectory("syncagent-tray-");
        var empty = await desktop.PictureAsync("empty");
        desktop.StartTray(state.FullName);
        var offline = await desktop.SeeAsync("offline", empty, pixels => pixels is > IconPixels and < MenuPixels);
        await using var agent = await FakeAgent.StartAsync(state.FullName);
        agent.Tell("status", Snapshots.Json());
        var idle = await desktop.SeeAsync("idle", offline, pixels => pixels is > IconPixels and < MenuPixels);

        await desktop.OpenMenuAsync();
        await desktop.SeeAsync("menu", idle, pixels => pixels > MenuPixels);
        await desktop.ChooseAsync(Pause);
        await Poll.UntilAsync(() => agent.Lines.Contains("POST /v1/pause"), "the request to pause");

        agent.Tell("status", Snapshots.Json("attention", problems: """{"path":"/home/me/drive/a","state":"Failed","reason":"refused"}"""));
        await desktop.SeeAsync("attention", idle, pixels => pixels is > IconPixels and < MenuPixels);

        await desktop.OpenMenuAsync();
        await desktop.SeeAsync("menu", idle, pixels => pixels > MenuPixels);
        await desktop.ChooseAsync(Quit);
        await desktop.SeeAsync("end", empty, pixels => pixels == 0);
        state.Delete(recursive: true);
    }
}
