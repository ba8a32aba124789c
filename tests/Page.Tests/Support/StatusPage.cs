using System.Collections.Concurrent;
using Microsoft.Playwright;
using SyncAgent.EndToEnd.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace SyncAgent.Page.Tests.Support;

/// <summary>The status page of an agent in a browser. Fails the test when the page broke a rule that nobody sees: an exception in a script,
/// something that the content security policy refused, a dialog of a script.</summary>
internal sealed class StatusPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    private StatusPage(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Dialog += (_, dialog) => _complaints.Enqueue($"a dialog says {dialog.Message}");
        page.Console += (_, message) =>
        {
            // That an agent is away is in the console too, and no mistake of the page.
            if (message.Type == "error" && !message.Text.Contains("Failed to load resource", StringComparison.Ordinal)) _complaints.Enqueue(message.Text);
        };
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>The heading of the view in sight.</summary>
    public ILocator Heading => Page.Locator("main h1");

    /// <summary>Opens the page of the agent that runs, by <c>syncagent open</c>.</summary>
    public static async Task<StatusPage> OpenAsync(
        Browser browser, Rig rig, BrowserNewContextOptions? options = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var context = await browser.NewContextAsync(options ?? new BrowserNewContextOptions());
        // The browser cannot be told to cut one connection: the page's streams are noted, so that a test can break them.
        await context.AddInitScriptAsync("window.streams = []; window.EventSource = class extends EventSource { constructor(url) { super(url); streams.push(this); } };");
        var opened = new StatusPage(context, await context.NewPageAsync());
        await opened.SignInAsync(rig, environment);
        return opened;
    }

    /// <summary>Opens the page of the agent that runs now.</summary>
    public async Task SignInAsync(Rig rig, IReadOnlyDictionary<string, string>? environment = null)
    {
        var url = (await Command.RunAsync(Places.Program, ["open", "--print", "--state", rig.State], environment ?? rig.Environment)).Expect(0).Output.Trim();
        await Page.GotoAsync(url);
        await Expect(Heading).ToBeVisibleAsync();
    }

    /// <summary>A way that somebody takes by the navigation.</summary>
    public async Task GoAsync(string view)
    {
        var way = Page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = view });
        await way.ClickAsync();
        await Expect(way).ToHaveAttributeAsync("aria-current", "page");
    }

    /// <summary>The stream breaks, and nothing of the API can be reached.</summary>
    public async Task BreakStreamAsync()
    {
        await Page.RouteAsync("**/v1/**", route => route.AbortAsync());
        await Page.EvaluateAsync("streams.at(-1).dispatchEvent(new Event('error'))");
    }

    /// <summary>The API can be reached again.</summary>
    public Task MendStreamAsync() => Page.UnrouteAllAsync();

    /// <summary>A button by its whole name.</summary>
    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>Writes a picture to a folder of the checkout, where the run asks for pictures.</summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("SYNCAGENT_SCREENSHOTS") != "1") return;
        var path = Path.Combine(Places.Repository, "docs", "images", $"{name}.png");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = path });
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_complaints);
    }
}
