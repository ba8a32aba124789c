using Microsoft.Playwright;
using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Page.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace SyncAgent.Page.Tests;

/// <summary>Verify on the page: begun, watched, stopped, and what it finds.</summary>
public sealed class VerifyPageTests(Browser browser)
{
    [Fact]
    public async Task What_happened_to_objects_in_the_bucket_is_found_and_explained_on_the_page()
    {
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("source/scan.tif", 70_000, seed: 5);
        await rig.ShAsync("""cp source/scan.tif "$DRIVE"/; mkdir "$DRIVE"/letters; for f in fine gone; do echo $f > "$DRIVE"/letters/$f; done""");
        (await rig.WaitAsync()).Expect(0);
        await using var opened = await StatusPage.OpenAsync(browser, rig);
        var page = opened.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = $"Verify {rig.Drive}" }).ClickAsync();
        await Expect(opened.Heading).ToHaveTextAsync("Verify");
        await Expect(opened.Heading).ToBeFocusedAsync();
        var verdict = page.GetByRole(AriaRole.Status).Filter(new() { Visible = true });

        await opened.Button("Verify").ClickAsync();
        await Expect(verdict).ToHaveTextAsync("All 4 objects are as confirmed.");
        await Expect(page.Locator(".finding")).ToHaveCountAsync(0);

        await rig.ChangeBucketAsync("delete", "letters/gone");
        rig.FlipBitOfBlob(70_000);
        // By keyboard: the radio buttons are one stop, the arrows choose, the next stop is the button.
        await Way(page, "By what the bucket states").FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await Expect(Way(page, "Byte by byte")).ToBeCheckedAsync();
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(verdict).ToHaveTextAsync("2 of 4 objects are not as confirmed.");
        await Expect(opened.Button("Verify")).ToBeFocusedAsync();
        var damaged = page.Locator(".finding").Filter(new() { HasText = "Damaged: 1 object" });
        await Expect(damaged).ToContainTextAsync("scan.tif");
        await Expect(damaged).ToContainTextAsync("the bytes have CRC-64");
        await Expect(damaged.Locator(".remedy")).ToContainTextAsync("copy the file in again");
        await Expect(page.Locator(".finding").Filter(new() { HasText = "Missing: 1 object" })).ToContainTextAsync("gone");
        await opened.PictureAsync("page-verify");

        await opened.GoAsync("Overview");
        await Expect(page.Locator(".drive-verify")).ToContainTextAsync("2 of 4 objects are not as confirmed.");
        await Expect(opened.Heading).ToHaveTextAsync("Everything was sent, but not all is as it was");
        await page.GetByRole(AriaRole.Link, new() { Name = "See what" }).ClickAsync();
        await Expect(page.Locator(".finding")).ToHaveCountAsync(2);
    }

    [Fact]
    public async Task A_long_run_shows_how_far_it_is_and_can_be_stopped()
    {
        const int Size = 6 << 20;
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("source/film", Size, seed: 6);
        await rig.ShAsync("""cp source/film "$DRIVE"/""");
        (await rig.WaitAsync()).Expect(0);
        await rig.Store.LimitAsync(1 << 20);
        await using var opened = await StatusPage.OpenAsync(browser, rig);
        var page = opened.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = $"Verify {rig.Drive}" }).ClickAsync();
        await Way(page, "Byte by byte").CheckAsync();
        await opened.Button("Verify").ClickAsync();
        var bar = page.GetByRole(AriaRole.Progressbar);
        await Expect(bar).ToHaveAttributeAsync("value", new System.Text.RegularExpressions.Regex("^[1-9][0-9]?$"));
        await opened.Button("Stop").ClickAsync();
        await Expect(page.GetByText("Stopped after 0 of 1 object.")).ToBeVisibleAsync();
        await Expect(bar).ToBeHiddenAsync();
        await Expect(opened.Button("Verify")).ToBeVisibleAsync();
    }

    private static ILocator Way(IPage page, string name) => page.GetByRole(AriaRole.Radio, new() { Name = name, Exact = true });
}
