using System.Diagnostics;
using System.Globalization;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.Tray.Tests.Desktop;

/// <summary>The tray in a real panel, Xfce's, with pictures of it in <c>artifacts/screenshots</c>. What the pictures show is read over the bus
/// as well; of the pictures only that something is on them, and that the menu came up, is checked.</summary>
public sealed class PanelTests
{
    private const string Panel = "xfce4-panel";

    /// <summary>Pixels that a menu of at least nine lines covers.</summary>
    private const int MenuPixels = 20_000;

    [Fact]
    public async Task The_icon_and_its_menu_are_seen_in_a_real_panel_idle_syncing_and_in_need_of_attention()
    {
        Assert.SkipUnless(Places.Full, "a real panel is part of test.sh --all");
        Places.SkipUnlessInstalled(Panel, "xdotool", "import", "compare");
        await using var rig = await Rig.MountedAsync();
        await using var desktop = await DesktopSession.StartAsync(rig.Environment, Panel, PutConfiguration);
        var tray = desktop.StartTray(rig.State);

        rig.MakeFile("source/photos-2026.zip", 3 << 20, seed: 71);
        await rig.ShAsync("""cp source/photos-2026.zip "$DRIVE"/; mkdir "$DRIVE"/letters; echo hello > "$DRIVE"/letters/mother.txt""");
        await desktop.SeeAsync(
            icon => icon.Property("IconName") == "syncagent-idle" && icon.Menu.Any(entry => entry.Children.Count == 2), "rest, with two recent files");
        await PictureAsync(desktop, "idle", "Down Down Right");

        foreach (var name in (string[])["film.mkv", "talk & slides.mp4"]) rig.MakeFile($"source/{name}", 40 << 20, seed: 72);
        await rig.Store.LimitAsync(4 << 20);
        await rig.ShAsync("""cp source/film.mkv "source/talk & slides.mp4" "$DRIVE"/; for i in 1 2 3 4 5 6; do echo $i > "$DRIVE"/note-$i.txt; done""");
        await desktop.SeeAsync(
            icon => icon.Property("IconName") == "syncagent-syncing" && icon.Property("Title").StartsWith("SyncAgent: 2 uploading, ", StringComparison.Ordinal)
                && icon.Labels.Any(label => label.EndsWith(" 0 %", StringComparison.Ordinal)) is false,
            "the two large ones under way, and only those");
        await PictureAsync(desktop, "syncing", "Down");
        await QuestionAsync(desktop, tray);
        Assert.Equal(2, (await rig.DriveStatusAsync())["active"]!.AsArray().Count);
        desktop.StartTray(rig.State);

        await rig.Store.ClearFaultsAsync();
        await desktop.SeeAsync(icon => icon.Property("IconName") == "syncagent-idle", "rest");
        await rig.Store.AddFaultAsync(new { Kind = "Error", Operation = "PutObject", Status = 400, Code = "InvalidArgument", Times = 1000 });
        await rig.ShAsync("""echo no > "$DRIVE"/contract.pdf""");
        await desktop.SeeAsync(icon => icon.Property("Status") == "NeedsAttention", "the state of attention");
        await PictureAsync(desktop, "attention", "Down Down Right");
    }

    /// <summary>Opens the menu with the mouse, goes to an item with the keyboard, and takes a picture before and after.</summary>
    private static async Task PictureAsync(DesktopSession desktop, string name, string keys)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Places.Repository, "artifacts", "screenshots")).FullName;
        var closed = Path.Combine(desktop.Home, "closed.png");
        var open = Path.Combine(folder, $"tray-{name}.png");
        await Poll.UntilAsync(
            async () =>
            {
                await desktop.RunAsync("import", "-window", "root", closed);
                return int.Parse(await desktop.RunAsync("identify", "-format", "%k", closed), CultureInfo.InvariantCulture);
            },
            colours => colours > 50, "a panel with an icon");
        await desktop.RunAsync("xdotool", "mousemove", "16", "14", "click", "1");
        await Poll.UntilAsync(
            async () =>
            {
                await desktop.RunAsync("import", "-window", "root", open);
                return await DifferenceAsync(desktop, closed, open);
            },
            pixels => pixels > MenuPixels, "an open menu");
        await desktop.RunAsync("xdotool", ["key", "--delay", "150", .. keys.Split(' ')]);
        await desktop.RunAsync("import", "-window", "root", open);
        Assert.True(await DifferenceAsync(desktop, closed, open) > MenuPixels);
        await desktop.RunAsync("xdotool", "key", "--delay", "150", "Escape", "Escape", "Escape", "mousemove", "700", "400");
    }

    /// <summary>Quitting while files are pending asks first. "Cancel" keeps the tray, "Quit" ends it, and neither ends the agent.</summary>
    private static async Task QuestionAsync(DesktopSession desktop, Process tray)
    {
        foreach (var key in (string[])["Escape", "Return"])
        {
            await desktop.ClickAsync("Quit (2 files still pending)");
            var window = await Poll.UntilAsync(
                async () => (await Command.RunAsync("xdotool", ["search", "--onlyvisible", "--class", "syncagent-tray"], desktop.Environment)).Output.Trim(),
                found => found.Length > 0, "a question");
            await desktop.RunAsync("import", "-window", "root", Path.Combine(Places.Repository, "artifacts", "screenshots", "tray-quit.png"));
            await desktop.RunAsync("xdotool", "windowfocus", window, "key", key);
            if (key == "Return") break;
            await Poll.UntilAsync(
                async () => (await Command.RunAsync("xdotool", ["search", "--onlyvisible", "--class", "syncagent-tray"], desktop.Environment)).Output.Trim(),
                found => found.Length == 0, "the question to go");
            Assert.False(tray.HasExited);
        }

        await tray.WaitForExitAsync().WaitAsync(Poll.Patience);
        Assert.Equal(0, tray.ExitCode);
    }

    private static async Task<int> DifferenceAsync(DesktopSession desktop, string one, string other)
    {
        // Ends with 1 where there is any difference.
        var compared = await Command.RunAsync("compare", ["-metric", "AE", one, other, "null:"], desktop.Environment);
        return (int)double.Parse(compared.Errors, CultureInfo.InvariantCulture);
    }

    private static void PutConfiguration(string home)
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, ".config/xfce4/xfconf/xfce-perchannel-xml"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "xfce4-panel.xml"), Path.Combine(folder.FullName, "xfce4-panel.xml"));
    }
}
