using Microsoft.Playwright;
using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Page.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace SyncAgent.Page.Tests;

/// <summary>Real files on a real mount, watched on the page.</summary>
public sealed class UploadPageTests(Browser browser)
{
    private const int Mebibyte = 1 << 20;

    [Fact]
    public async Task What_is_sent_moves_arrives_and_is_in_the_history_whatever_it_is_called()
    {
        const string Hostile = "<img src=x onerror=alert(1)>.bin";
        await using var rig = await Rig.MountedAsync();
        await using var opened = await StatusPage.OpenAsync(browser, rig);
        var page = opened.Page;
        await Expect(opened.Heading).ToHaveTextAsync("Everything is in the bucket");

        await rig.Store.LimitAsync(3 * Mebibyte);
        rig.MakeFile($"source/{Hostile}", 12 * Mebibyte, seed: 70);
        await rig.ShAsync("""cp -r source "$DRIVE"/""");
        var upload = page.Locator(".upload").Filter(new() { HasText = Hostile });
        await Expect(upload).ToBeVisibleAsync();
        await Expect(opened.Heading).ToHaveTextAsync("Sending 1 file");
        var bar = upload.GetByRole(AriaRole.Progressbar);
        var begun = await Poll.UntilAsync(() => PercentAsync(bar), value => value is > 0 and < 100, "a part of the file sent");
        await Poll.UntilAsync(() => PercentAsync(bar), value => value > begun, "a bar that moves");
        await Expect(upload).ToContainTextAsync("left");
        await Expect(page.Locator(".graph-now .key-up")).Not.ToHaveTextAsync("Up 0 B/s");

        await rig.Store.ClearFaultsAsync();
        await Expect(opened.Heading).ToHaveTextAsync("Everything is in the bucket");
        await Expect(page.Locator(".recent")).ToContainTextAsync(Hostile);
        await opened.GoAsync("History");
        await Expect(page.Locator(".row").First).ToContainTextAsync(Hostile);
        await page.GetByRole(AriaRole.Searchbox).FillAsync("no such name");
        await Expect(page.GetByText("Nothing of such a name.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Searchbox).FillAsync("onerror");
        await Expect(page.Locator(".row").First).ToContainTextAsync("Uploaded");
        Assert.Equal(1, await page.EvaluateAsync<int>("document.images.length")); // the logo
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"), "source/")).ExpectClean();
    }

    [Fact]
    public async Task Pause_and_resume_of_everything_and_of_a_file()
    {
        await using var rig = await Rig.MountedAsync();
        await using var opened = await StatusPage.OpenAsync(browser, rig);
        var page = opened.Page;
        // In many parts, and slow: there is still much to do when the page has been used by hand.
        rig.MakeFile("source/large.bin", 48 * Mebibyte, seed: 71);
        await rig.Store.LimitAsync(Mebibyte);
        await rig.ShAsync("""cp source/large.bin "$DRIVE"/""");
        await Expect(page.GetByRole(AriaRole.Progressbar, new() { Name = "large.bin sent" })).ToBeVisibleAsync();
        await opened.Button("Pause all").ClickAsync();
        await Expect(opened.Heading).ToHaveTextAsync("Paused");
        Assert.Equal("paused", (string)(await rig.DriveStatusAsync())["health"]!["state"]!);
        await page.ReloadAsync();
        await Expect(opened.Heading).ToHaveTextAsync("Paused");
        await opened.Button("Resume all").ClickAsync();

        await opened.GoAsync("Files");
        await opened.Button("Pause: large.bin").ClickAsync();
        await Expect(page.Locator(".row")).ToContainTextAsync("Paused");
        await rig.Store.ClearFaultsAsync();
        await opened.GoAsync("Overview");
        await Expect(opened.Heading).ToHaveTextAsync("Paused");
        await page.GetByRole(AriaRole.Link, new() { Name = "Show them" }).ClickAsync();
        await opened.Button("Resume: large.bin").ClickAsync();
        await opened.GoAsync("Overview");
        await Expect(opened.Heading).ToHaveTextAsync("Everything is in the bucket");
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
    }

    [Fact]
    public async Task Limits_set_on_the_page_hold_at_once()
    {
        await using var rig = await Rig.MountedAsync();
        await using var opened = await StatusPage.OpenAsync(browser, rig);
        await opened.GoAsync("Settings");
        await opened.Page.GetByLabel("Upload", new() { Exact = true }).SelectOptionAsync("At most …");
        await opened.Page.GetByLabel("Upload, at most").FillAsync("2.5");
        await opened.Button("Apply").ClickAsync();
        await Expect(opened.Page.GetByText("Now: 2.5 MiB/s, set by hand")).ToBeVisibleAsync();
        var told = (await rig.AgentAsync("limits", "--state", rig.State)).Expect(0).Output;
        Assert.Contains("2.5 MiB/s", told, StringComparison.Ordinal);
        await opened.Page.GetByLabel("Upload", new() { Exact = true }).SelectOptionAsync("As configured");
        await opened.Button("Apply").ClickAsync();
        await Expect(opened.Page.GetByText("Now: no limit").First).ToBeVisibleAsync();
    }

    private static async Task<double> PercentAsync(ILocator bar) => double.Parse(await bar.GetAttributeAsync("value") ?? "-1", System.Globalization.CultureInfo.InvariantCulture);
}
