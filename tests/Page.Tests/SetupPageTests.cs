using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Page.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace SyncAgent.Page.Tests;

/// <summary>Somebody who has nothing yet opens the page and has a drive a minute later.</summary>
public sealed class SetupPageTests(Browser browser)
{
    private const string Secret = "end-to-end-secret";

    [Fact]
    public async Task A_first_drive_is_tried_explained_set_up_and_used()
    {
        await using var rig = await Rig.StartAsync();
        // A machine without a configuration, and an agent without keys of its own.
        var bare = rig.Environment.Where(pair => !pair.Key.StartsWith("OSS_", StringComparison.Ordinal)).ToDictionary();
        var home = bare["HOME"] = Path.Combine(rig.Work, "home");
        var config = Path.Combine(bare["XDG_CONFIG_HOME"] = Path.Combine(home, ".config"), "syncagent");
        Directory.CreateDirectory(home);
        await using var opened = await StatusPage.OpenAsync(browser, rig, environment: bare);
        var page = opened.Page;
        await Expect(opened.Heading).ToHaveTextAsync("Set up a drive");

        await opened.Button("Add the drive").ClickAsync();
        await Expect(page.GetByLabel("Bucket", new() { Exact = true })).ToBeFocusedAsync();
        await page.GetByLabel("Endpoint").FillAsync(rig.Store.Endpoint.GetLeftPart(UriPartial.Authority));
        await page.GetByLabel("Region").FillAsync("cn-hangzhou");
        await page.GetByLabel("Bucket", new() { Exact = true }).FillAsync(DevStoreProcess.Bucket);
        await page.GetByLabel("Access key id").FillAsync("end-to-end-key");
        await page.GetByLabel("Access key secret").FillAsync("not the secret");
        await opened.Button("Test").ClickAsync();
        await Expect(page.Locator(".checks")).ToContainTextAsync("Check the access key id, the secret");
        await Expect(page.Locator(".verdict")).ToContainTextAsync("test again");

        await page.GetByLabel("Access key secret").FillAsync(Secret);
        await opened.Button("Test").ClickAsync();
        await Expect(page.Locator(".verdict")).ToContainTextAsync("All is well");
        await page.GetByLabel("Folder for the drive").FillAsync("drive");
        await opened.Button("Add the drive").ClickAsync();
        await Expect(page.Locator(".field-error:visible")).ToContainTextAsync("from the root");
        await page.GetByLabel("Folder for the drive").FillAsync(rig.Drive);
        await opened.Button("Add the drive").ClickAsync();
        await Expect(opened.Heading).ToHaveTextAsync("Everything is in the bucket");
        await Expect(page.Locator(".drive")).ToContainTextAsync(rig.Drive);

        await rig.ListAsync();
        rig.MakeFile("source/file.bin", 100_000, seed: 73);
        await rig.ShAsync("""cp source/file.bin "$DRIVE"/""");
        await Expect(page.Locator(".recent")).ToContainTextAsync("file.bin");
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.DoesNotContain(Secret, await File.ReadAllTextAsync(Path.Combine(config, "config.json")), StringComparison.Ordinal);
        Assert.Equal("600", await rig.ShAsync($"stat -c %a '{config}/credentials'"));
        Assert.DoesNotContain(Secret, await page.ContentAsync(), StringComparison.Ordinal);
    }
}
