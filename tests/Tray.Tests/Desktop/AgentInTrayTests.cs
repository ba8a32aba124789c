using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.Tray.Tests.Desktop;

/// <summary>The tray beside a real agent with a real mount, its icon and menu read over the bus as a panel reads them.</summary>
public sealed class AgentInTrayTests
{
    [Fact]
    public async Task Icon_title_and_menu_follow_a_real_agent_that_syncs_pauses_fails_and_restarts()
    {
        await using var rig = await Rig.MountedAsync();
        await using var desktop = await DesktopSession.StartAsync(rig.Environment);
        desktop.StartTray(rig.State);
        var idle = await desktop.SeeAsync(icon => icon.Property("IconName") == "syncagent-idle", "the icon of rest");
        Assert.Equal(("Active", "SyncAgent: up to date"), (idle.Property("Status"), idle.Property("Title")));
        Assert.Equal(["SyncAgent: up to date", "--", "drive: up to date", "--", "Pause", "Open status page", "--", "About SyncAgent", "Quit"], idle.Labels);
        Assert.True(File.Exists(Path.Combine(idle.Property("IconThemePath"), "hicolor/22x22/status/syncagent-idle.png")));
        Assert.Equal(rig.Drive, await desktop.OpenedByAsync("drive: up to date"));
        using var browser = new HttpClient();
        using var page = await browser.GetAsync(new Uri(await desktop.OpenedByAsync("Open status page")));
        Assert.True(page.IsSuccessStatusCode, $"the status page: {page.StatusCode}");

        // Under way, with a name that has what menus take for something else.
        rig.MakeFile("source/my_large & file.bin", 24 << 20, seed: 70);
        await rig.Store.LimitAsync(2 << 20);
        await rig.ShAsync("""cp "source/my_large & file.bin" "$DRIVE"/""");
        var syncing = await desktop.SeeAsync(
            icon => icon.Property("IconName") == "syncagent-syncing" && icon.Labels.Any(IsUploadUnderWay), "an upload with a percentage between 0 and 100");
        Assert.Contains("Quit (1 file still pending)", syncing.Labels);

        await desktop.ClickAsync("Pause");
        var paused = await desktop.SeeAsync(icon => icon.Property("IconName") == "syncagent-paused", "the icon of a pause");
        Assert.Equal("SyncAgent: paused, 1 waiting", paused.Property("Title"));
        Assert.Contains("Resume", paused.Labels);

        // The agent dies, and another takes its place on another port.
        await rig.KillAgentAsync();
        var away = await desktop.SeeAsync(icon => icon.Property("IconName") == "syncagent-offline", "the icon without an agent");
        Assert.Equal("SyncAgent: the agent is not running", away.Property("Title"));
        await rig.Store.ClearFaultsAsync();
        await rig.MountAsync();
        await desktop.SeeAsync(icon => icon.Property("IconName") == "syncagent-paused", "the icon of a pause that outlived the agent");
        await desktop.ClickAsync("Resume");
        var done = await desktop.SeeAsync(
            icon => icon.Property("IconName") == "syncagent-idle" && icon.Menu.Any(entry => entry.Label == "Recent files"), "rest, with recent files");
        Assert.Equal("my_large & file.bin  24 MiB", Assert.Single(done.Menu.Single(entry => entry.Label == "Recent files").Children).Label.Replace("__", "_", StringComparison.Ordinal));

        // A refusal for good: icon, menu and a word on the desktop.
        await rig.Store.AddFaultAsync(new { Kind = "Error", Operation = "PutObject", Status = 400, Code = "InvalidArgument", Times = 1000 });
        await rig.ShAsync("""echo no > "$DRIVE"/refused.txt""");
        var attention = await desktop.SeeAsync(icon => icon.Property("Status") == "NeedsAttention", "the state of attention");
        Assert.Equal(("syncagent-attention", "SyncAgent: 1 file needs you"), (attention.Property("AttentionIconName"), attention.Property("Title")));
        Assert.StartsWith("refused.txt: ", attention.Menu.Single(entry => entry.Label == "Problems (1)").Children[0].Label, StringComparison.Ordinal);
        var word = Assert.Single(await Poll.UntilAsync(desktop.NotificationsAsync, words => words.Count > 0, "a notification"))!;
        Assert.Equal(("Not uploaded: refused.txt", 2), ((string?)word["title"], (int)word["urgency"]!));
        Assert.NotEmpty((string)word["text"]!);

        await rig.Store.ClearFaultsAsync();
        await desktop.ClickAsync("Try again");
        await desktop.SeeAsync(icon => icon.Property("Status") == "Active" && icon.Property("IconName") == "syncagent-idle", "rest after another try");
    }

    [Fact]
    public async Task One_of_two_drives_is_held_and_let_go_on_from_its_own_menu()
    {
        await using var rig = await Rig.StartAsync();
        await rig.MountAsync(rig.MountLine("--prefix", "one/"));
        var other = Path.Combine(rig.Work, "photos");
        await using var desktop = await DesktopSession.StartAsync(rig.Environment);
        desktop.StartTray(rig.State);
        await desktop.SeeAsync(icon => icon.Labels.Contains("Pause"), "a menu of one drive");
        (await rig.AgentAsync([.. rig.MountLine("--prefix", "two/").Select(word => word == rig.Drive ? other : word)])).Expect(0);
        try
        {
            await desktop.SeeAsync(icon => icon.Labels.Contains("Pause all"), "a menu of two drives");
            await desktop.ClickAsync("Pause photos");
            await desktop.SeeAsync(icon => icon.Menu.Any(entry => entry.Children.Any(child => child.Label == "Resume photos")), "the other drive held");
            Assert.NotEqual("paused", (string?)(await rig.DriveStatusAsync())["health"]!["state"]);
            await desktop.ClickAsync("Resume photos");
            await desktop.SeeAsync(icon => icon.Menu.Any(entry => entry.Children.Any(child => child.Label == "Pause photos")), "both drives at work");
        }
        finally
        {
            (await rig.AgentAsync("unmount", other)).Expect(0);
        }
    }

    private static bool IsUploadUnderWay(string label) =>
        label.EndsWith(" %", StringComparison.Ordinal) && label.Contains("file.bin", StringComparison.Ordinal)
        && int.TryParse(label.Split(' ')[^2], out var percent) && percent is > 0 and < 100;
}
