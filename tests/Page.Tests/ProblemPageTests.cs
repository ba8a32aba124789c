using Microsoft.Playwright;
using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Page.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace SyncAgent.Page.Tests;

/// <summary>What needs the user is explained on the page, and settled there.</summary>
public sealed class ProblemPageTests(Browser browser)
{
    [Fact]
    public async Task A_failure_is_explained_and_tried_again_from_the_page()
    {
        await using var rig = await Rig.MountedAsync();
        await using var opened = await StatusPage.OpenAsync(browser, rig);
        await rig.Store.AddFaultAsync(new { Kind = "Error", Operation = "PutObject", Key = "*report*", Status = 400, Code = "InvalidArgument", Times = (int?)null });
        rig.MakeFile("source/report.txt", 2000, seed: 72);
        await rig.ShAsync("""cp source/report.txt "$DRIVE"/""");
        await Expect(opened.Heading).ToHaveTextAsync("1 thing needs you");
        await Expect(opened.Page.Locator(".toast.bad")).ToContainTextAsync("report.txt: failed");

        await opened.Page.GetByRole(AriaRole.Link, new() { Name = "See what" }).ClickAsync();
        var card = opened.Page.Locator(".problem");
        await Expect(card).ToContainTextAsync("report.txt");
        await Expect(card).ToContainTextAsync("InvalidArgument");
        await rig.Store.ClearFaultsAsync();
        await opened.Button("Try again: report.txt").ClickAsync();
        await Expect(opened.Page.GetByText("Nothing needs you.")).ToBeVisibleAsync();
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
    }

    [Fact]
    public async Task An_interrupted_file_is_accepted_and_removed_files_are_restored_or_deleted_from_the_page()
    {
        string[] line = ["--mass-delete-limit", "20"];
        await using var rig = await Rig.StartAsync();
        await rig.ChangeBucketAsync("fill", "tree/", "30");
        await rig.MountAsync(rig.MountLine(line));
        await rig.ListAsync();
        await using (await rig.HoldAsync("file = open('draft.txt', 'w'); file.write('half of it'); file.flush()")) await rig.KillAgentAsync();
        await rig.MountAsync(rig.MountLine(line));
        await rig.ShAsync("""rm -r "$DRIVE"/tree""");
        await using var opened = await StatusPage.OpenAsync(browser, rig);
        var page = opened.Page;
        await opened.GoAsync("Problems");
        await Expect(page.Locator(".problem")).ToHaveCountAsync(2);
        await opened.PictureAsync("page-problems");
        await opened.Button("Use as it is: draft.txt").ClickAsync();
        await Expect(page.Locator(".problem")).ToHaveCountAsync(1);

        await page.GetByText("Which files").ClickAsync();
        await Expect(page.Locator(".named-files")).ToContainTextAsync("tree/00007");
        await opened.Button("Restore the files").ClickAsync();
        await Expect(page.GetByText("Nothing needs you.")).ToBeVisibleAsync();
        Assert.Equal("content of 00007", await rig.ShAsync("""cat "$DRIVE"/tree/00007"""));

        await rig.ShAsync("""rm -r "$DRIVE"/tree""");
        await opened.Button("Delete in the bucket").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape"); // is a no
        await Expect(page.Locator(".problem")).ToHaveCountAsync(1);
        await opened.Button("Delete in the bucket").ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByText("Delete in the bucket").ClickAsync();
        await Expect(page.GetByText("Nothing needs you.")).ToBeVisibleAsync();
        (await rig.WaitAsync()).Expect(0);
        Assert.Equal("half of it", await rig.ShAsync("""cat "$DRIVE"/draft.txt"""));
        Assert.DoesNotContain("tree", await rig.ChangeBucketAsync("list", ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_says_that_it_lost_the_agent_and_goes_on_by_itself()
    {
        await using var rig = await Rig.MountedAsync();
        await using var opened = await StatusPage.OpenAsync(browser, rig);
        var notice = opened.Page.GetByRole(AriaRole.Alert);
        await Expect(opened.Heading).ToHaveTextAsync("Everything is in the bucket");
        await opened.BreakStreamAsync();
        await Expect(notice).ToContainTextAsync("The agent does not answer");
        await opened.MendStreamAsync();
        await Expect(notice).ToBeHiddenAsync();
        await rig.ShAsync("""echo text > "$DRIVE"/after""");
        await Expect(opened.Page.Locator(".recent")).ToContainTextAsync("after");

        await rig.KillAgentAsync();
        await Expect(notice).ToContainTextAsync("syncagent open");
        await Expect(opened.Heading).ToHaveTextAsync("The agent does not answer");
        await rig.MountAsync();
        await opened.SignInAsync(rig);
        await Expect(opened.Heading).ToHaveTextAsync("Everything is in the bucket");
    }
}
