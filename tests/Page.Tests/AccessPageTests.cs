using System.Text.Json;
using Microsoft.Playwright;
using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Page.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace SyncAgent.Page.Tests;

/// <summary>The page is for everybody: by keyboard, by ear, in the dark, on a phone.</summary>
public sealed class AccessPageTests(Browser browser)
{
    private const string AxeScript = "node_modules/axe-core/axe.min.js";

    /// <summary>Width of a small phone, in CSS pixels; also what WCAG asks for (1.4.10, reflow) but for 40 of them.</summary>
    private const int PhoneWidth = 360;

    private static readonly string[] Views = ["", "files", "problems", "history", "settings", "setup", "verify"];

    private static readonly string Accessibility = Path.Combine(Places.Repository, "tests", "accessibility");

    /// <summary>What axe calls serious or critical, in every view with something in it, in both schemes.</summary>
    [Fact]
    public async Task No_view_has_a_serious_or_critical_finding_of_axe_in_either_scheme()
    {
        var axe = Path.Combine(Accessibility, AxeScript);
        Assert.SkipUnless(File.Exists(axe), "needs npm ci in tests/accessibility");
        var script = await File.ReadAllTextAsync(axe);
        await using var rig = await WithContentAsync();
        var findings = new List<string>();
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using var opened = await StatusPage.OpenAsync(browser, rig, new BrowserNewContextOptions { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            foreach (var view in Views)
            {
                await ShowAsync(opened, view);
                await opened.Page.EvaluateAsync(script);
                var result = await opened.Page.EvaluateAsync<JsonElement>("() => axe.run().then(({ violations }) => violations)");
                findings.AddRange(
                    from violation in result.EnumerateArray()
                    where violation.GetProperty("impact").GetString() is "serious" or "critical"
                    from node in violation.GetProperty("nodes").EnumerateArray()
                    select $"{scheme} #/{view} {violation.GetProperty("id")}: {node.GetProperty("html")}: {node.GetProperty("failureSummary")}");
            }
        }

        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    [Fact]
    public async Task Nothing_is_wider_than_a_phone_and_the_keyboard_reaches_everything()
    {
        await using var rig = await WithContentAsync();
        await using (var phone = await StatusPage.OpenAsync(browser, rig, new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = PhoneWidth, Height = 740 } }))
        {
            foreach (var view in Views)
            {
                await ShowAsync(phone, view);
                Assert.True(await phone.Page.EvaluateAsync<int>("document.scrollingElement.scrollWidth") <= PhoneWidth, $"#/{view} is wider than {PhoneWidth} pixels");
            }
        }

        await using var opened = await StatusPage.OpenAsync(browser, rig);
        var page = opened.Page;
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByText("Skip to the content")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("main")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "See what" })).ToBeFocusedAsync();
        var outline = await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle");
        Assert.Equal("solid", outline);
        await page.Keyboard.PressAsync("Enter");
        await Expect(opened.Heading).ToHaveTextAsync("Problems");
        await Expect(opened.Heading).ToBeFocusedAsync(); // where a screen reader goes on
    }

    private static async Task ShowAsync(StatusPage opened, string view)
    {
        await opened.Page.EvaluateAsync("view => { location.hash = `#/${view}`; }", view);
        await Expect(opened.Page.Locator(view switch { "files" or "history" => ".row:not([data-empty]) >> nth=0", "problems" => ".problem >> nth=0", "verify" => ".finding >> nth=0", _ => "main h1" })).ToBeVisibleAsync();
    }

    /// <summary>One file arrived, and its object was deleted by somebody; one failed; and the drive is paused before others go.</summary>
    private static async Task<Rig> WithContentAsync()
    {
        var rig = await Rig.MountedAsync();
        try
        {
            await rig.Store.AddFaultAsync(new { Kind = "Error", Operation = "PutObject", Key = "*refused*", Status = 400, Code = "InvalidArgument", Times = (int?)null });
            await rig.ShAsync("""mkdir "$DRIVE"/folder; echo one > "$DRIVE"/folder/arrives; echo two > "$DRIVE"/refused""");
            (await rig.WaitAsync()).Expect(1);
            await rig.ChangeBucketAsync("delete", "folder/arrives");
            (await rig.AgentAsync("verify", "--state", rig.State)).Expect(1);
            (await rig.AgentAsync("pause", "--state", rig.State)).Expect(0);
            await rig.ShAsync("""for each in 1 2 3; do echo "$each" > "$DRIVE/a file with quite a long name that has to be cut somewhere on a narrow screen $each.txt"; done""");
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }
}
