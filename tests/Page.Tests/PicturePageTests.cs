using Microsoft.Playwright;
using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Page.Tests.Support;

namespace SyncAgent.Page.Tests;

/// <summary>The pictures of the documents, taken of a real drive at work, when SYNCAGENT_SCREENSHOTS=1 asks for them.</summary>
public sealed class PicturePageTests(Browser browser)
{
    private const int Mebibyte = 1 << 20;
    private const string Place = "/srv/documents";

    /// <summary>Enough of the graph to look like one.</summary>
    private const int Seconds = 45;

    [Fact]
    public async Task Pictures_of_the_page_at_work()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SYNCAGENT_SCREENSHOTS") == "1", "makes pictures when SYNCAGENT_SCREENSHOTS=1 asks for them");
        await using var rig = await Rig.StartAsync();
        try
        {
            (await rig.AgentAsync([.. rig.MountLine().Select(word => word == rig.Drive ? Place : word)])).Expect(0);
            await TakeAsync(rig);
        }
        finally
        {
            await Command.RunAsync("umount", ["-l", Place], rig.Environment);
        }
    }

    private async Task TakeAsync(Rig rig)
    {
        foreach (var name in new[] { "Contracts/Lease 2026.pdf", "Photos/Lisbon/DSC_0409.jpg", "Photos/Lisbon/DSC_0410.jpg", "Notes/Ideas for spring.md" })
            rig.MakeFile($"small/{name}", name.Length * 41_000L, seed: name.Length);
        rig.MakeFile("large/Backups/laptop-2026-11-20.tar.zst", 900L * Mebibyte, seed: 80);
        rig.MakeFile("large/Videos/Interview with Maria, take 3.mov", 420L * Mebibyte, seed: 81);
        rig.MakeFile("large/Photos/Lisbon/Panorama from the castle.tif", 130L * Mebibyte, seed: 82);
        rig.MakeFile("large/Videos/Birthday.mov", 350L * Mebibyte, seed: 83);
        rig.MakeFile("large/Photos/2026 in pictures.zip", 510L * Mebibyte, seed: 84);
        await rig.Store.LimitAsync(7 * Mebibyte);
        await rig.ShAsync($"cp -r large/. {Place}/; cp -r small/. {Place}/");

        var wide = new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1200, Height = 900 }, ColorScheme = ColorScheme.Light };
        await using var light = await StatusPage.OpenAsync(browser, rig, wide);
        await using var dark = await StatusPage.OpenAsync(browser, rig, new BrowserNewContextOptions(wide) { ColorScheme = ColorScheme.Dark });
        await using var narrow = await StatusPage.OpenAsync(browser, rig, new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 390, Height = 844 }, DeviceScaleFactor = 1.5f });
        // By hand: Playwright's own waiting for a function is an eval, which the page's policy refuses.
        await Poll.UntilAsync(
            () => dark.Page.EvaluateAsync<int>("document.querySelector('.graph-up').getAttribute('d')?.split('L').length ?? 0"), points => points > Seconds, "a graph");
        await light.PictureAsync("page-light");
        await dark.PictureAsync("page-dark");
        await narrow.PictureAsync("page-narrow");
    }
}
