using System.Globalization;
using Microsoft.Playwright;
using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Page.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace SyncAgent.Page.Tests;

/// <summary>A list of very many files is as light as a short one.</summary>
public sealed class ManyFilesPageTests(Browser browser)
{
    private const int FolderSize = 1000;

    /// <summary>Rows that stand beside each other in the document, whatever the length of the list.</summary>
    private const int MostRows = 60;

    private const double MostHeapMebibytes = 48;

    private static readonly TimeSpan MostToFirstPaint = TimeSpan.FromSeconds(2);

    /// <summary>The long form has the 100,000 files of docs/operations.md.</summary>
    private static int Count => Places.Full ? 100_000 : 2 * FolderSize;

    [Fact]
    public async Task A_long_list_shows_its_first_and_its_last_file_with_few_elements_and_little_memory()
    {
        await using var rig = await Rig.MountedAsync();
        (await rig.AgentAsync("pause", "--state", rig.State)).Expect(0);
        (await Command.RunAsync(
            "python3",
            ["-c", """
            import os, sys
            count, size = map(int, sys.argv[1:])
            for number in range(count):
                folder = f"{number // size:03}"
                if number % size == 0: os.mkdir(folder)
                with open(f"{folder}/{number:06}.txt", "w") as file: file.write("text")
            """, $"{Count}", $"{FolderSize}"],
            rig.Environment, rig.Drive, TimeSpan.FromMinutes(15))).Expect(0);
        await using var opened = await StatusPage.OpenAsync(browser, rig);
        var page = opened.Page;
        var devTools = await page.Context.NewCDPSessionAsync(page);
        await devTools.SendAsync("Performance.enable");
        var first = await page.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime");

        await opened.GoAsync("Files");
        await Expect(page.GetByText("000000.txt")).ToBeVisibleAsync();
        var atFirst = await HeapAsync(devTools);
        await Expect(page.Locator("main [role=status]")).ToContainTextAsync((Count + (Count / FolderSize)).ToString("N0", CultureInfo.InvariantCulture));
        var begun = await page.EvaluateAsync<double>("performance.now()");
        await page.EvaluateAsync("document.querySelector('.virtual-list').scrollTop = 1e9");
        await Expect(page.GetByText($"{Count - 1:000000}.txt")).ToBeVisibleAsync();
        var toEnd = await page.EvaluateAsync<double>("performance.now()") - begun;
        var atEnd = await HeapAsync(devTools);
        var rows = await page.Locator(".row").CountAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Count} files: first paint after {first:0} ms, heap {atFirst:0.0} MiB with the first rows and {atEnd:0.0} MiB at the end, which was reached in {toEnd:0} ms; {rows} rows"));
        Assert.InRange(first, 1, MostToFirstPaint.TotalMilliseconds);
        Assert.InRange(rows, 5, MostRows);
        Assert.InRange(atEnd, 0, MostHeapMebibytes);

        // It is found by its name, too.
        await page.GetByRole(AriaRole.Searchbox).FillAsync($"{Count / 2:000000}");
        await Expect(page.Locator(".row .name").First).ToHaveTextAsync($"{Count / 2:000000}.txt");
        await Expect(page.Locator("main [role=status]")).ToContainTextAsync("1 entry.");
    }

    /// <summary>What the page's objects take after a collection.</summary>
    private static async Task<double> HeapAsync(ICDPSession devTools)
    {
        await devTools.SendAsync("HeapProfiler.collectGarbage");
        var metrics = (await devTools.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics");
        var used = metrics.EnumerateArray().First(metric => metric.GetProperty("name").GetString() == "JSHeapUsedSize");
        return used.GetProperty("value").GetDouble() / (1 << 20);
    }
}
