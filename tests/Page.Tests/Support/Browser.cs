using Microsoft.Playwright;
using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Page.Tests.Support;

[assembly: AssemblyFixture(typeof(Browser))]

namespace SyncAgent.Page.Tests.Support;

/// <summary>Debian's chromium, started once for all tests, driven by Playwright. Playwright's own browsers are never fetched.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Program = "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Whether the tests can run here.</summary>
    public static bool IsInstalled => File.Exists(Program);

    public async ValueTask InitializeAsync()
    {
        if (!IsInstalled || !Places.MayMount) return;
        Assertions.SetDefaultExpectTimeout((float)Poll.Patience.TotalMilliseconds);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program,
            // Tests run as root, in containers with a small /dev/shm.
            Args = ["--no-sandbox", "--disable-dev-shm-usage"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A fresh profile: nothing of another test is in it.</summary>
    public async Task<IBrowserContext> NewContextAsync(BrowserNewContextOptions options)
    {
        Assert.SkipUnless(IsInstalled, "needs chromium");
        var context = await _browser!.NewContextAsync(options);
        context.SetDefaultTimeout((float)Poll.Patience.TotalMilliseconds);
        return context;
    }
}
