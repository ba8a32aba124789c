using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.Tray.Tests.Desktop;

/// <summary>A desktop session of its own: a virtual display, a session bus, and a panel, the real one or panel.py in its place.</summary>
internal sealed class DesktopSession : IAsyncDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "syncagent-tray");

    private readonly Dictionary<string, string> _environment;
    private readonly Stack<Process> _processes = new();
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("syncagent-desktop-");
    private Process _panel = null!;

    private DesktopSession(IReadOnlyDictionary<string, string> environment) => _environment = new Dictionary<string, string>(environment)
    {
        ["HOME"] = _home.FullName,
        ["XDG_CONFIG_HOME"] = Path.Combine(_home.FullName, ".config"),
        ["XDG_CACHE_HOME"] = Path.Combine(_home.FullName, ".cache"),
        ["PATH"] = $"{_home.FullName}:{System.Environment.GetEnvironmentVariable("PATH")}",
        ["GDK_BACKEND"] = "x11",
        ["NO_AT_BRIDGE"] = "1",
    };

    /// <summary>What programs of this session see.</summary>
    public IReadOnlyDictionary<string, string> Environment => _environment;

    /// <summary>Where programs of this session keep their settings.</summary>
    public string Home => _home.FullName;

    /// <summary>Starts one, with panel.py for a panel.</summary>
    public static Task<DesktopSession> StartAsync(IReadOnlyDictionary<string, string> environment) => StartAsync(environment, panel: null, prepare: null);

    /// <summary>Starts one.</summary>
    /// <param name="environment">More for its programs.</param>
    /// <param name="panel">A panel to start, or null for panel.py.</param>
    /// <param name="prepare">Puts settings into the home folder.</param>
    public static async Task<DesktopSession> StartAsync(IReadOnlyDictionary<string, string> environment, string? panel, Action<string>? prepare)
    {
        Places.SkipUnlessInstalled("Xvfb", "dbus-daemon");
        Assert.SkipUnless(Directory.Exists("/usr/lib/python3/dist-packages/dbus_next"), "needs python3-dbus-next");
        Assert.SkipUnless(NativeLibrary.TryLoad("libayatana-appindicator3.so.1", out _), "needs libayatana-appindicator3-1");
        var session = new DesktopSession(environment);
        try
        {
            session.PutOpener();
            prepare?.Invoke(session.Home);
            var display = session.Start("Xvfb", "-displayfd", "1", "-screen", "0", "760x440x24", "-nolisten", "tcp", "-noreset");
            session._environment["DISPLAY"] = ":" + await ReadLineAsync(display);
            var bus = session.Start("dbus-daemon", "--session", "--nofork", "--print-address=1");
            session._environment["DBUS_SESSION_BUS_ADDRESS"] = await ReadLineAsync(bus);
            if (panel is not null) session.Start(panel);
            await session.StartLookingAsync(panel is null);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills panel.py where it is the panel, and starts another.</summary>
    public async Task RestartPanelAsync()
    {
        _panel.Kill();
        await _panel.WaitForExitAsync().WaitAsync(Poll.Patience);
        await StartLookingAsync(host: true);
    }

    /// <summary>Starts a tray for a state folder.</summary>
    public Process StartTray(string stateFolder) => Start(Program, "--state", stateFolder);

    /// <summary>Runs the tray's program to its end.</summary>
    public Task<CommandResult> RunTrayAsync(params string[] arguments) => Command.RunAsync(Program, arguments, _environment);

    /// <summary>Runs another program of the session to its end.</summary>
    public async Task<string> RunAsync(string program, params string[] arguments) =>
        (await Command.RunAsync(program, arguments, _environment)).Expect(0).Output.TrimEnd();

    /// <summary>The icon as the panel sees it, as soon as it is as wanted.</summary>
    public Task<Icon> SeeAsync(Func<Icon, bool> wanted, string what) => Poll.UntilAsync(ReadAsync, icon => icon is not null && wanted(icon), what)!;

    /// <summary>Returns when no icon is there.</summary>
    public Task SeeNoneAsync() => Poll.UntilAsync(ReadAsync, icon => icon is null, "the icon to go");

    /// <summary>Chooses an item of the menu, as soon as it is there.</summary>
    public Task ClickAsync(string label) => Poll.UntilAsync(() => AskAsync($"click {label}"), answer => (bool)answer!, $"an item \"{label}\"");

    /// <summary>Chooses an item of the menu; returns what was opened then.</summary>
    public async Task<string> OpenedByAsync(string label)
    {
        await ClickAsync(label);
        await Poll.UntilAsync(() => File.Exists(Opened), $"something opened by \"{label}\"");
        var opened = await File.ReadAllTextAsync(Opened);
        File.Delete(Opened);
        return opened;
    }

    /// <summary>What has been notified so far.</summary>
    public async Task<JsonArray> NotificationsAsync() => (await AskAsync("notifications"))!.AsArray();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        while (_processes.TryPop(out var process))
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync().WaitAsync(Poll.Patience);
            process.Dispose();
        }

        _home.Delete(recursive: true);
    }

    private async Task StartLookingAsync(bool host)
    {
        _panel = Start("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "panel.py"), .. host ? (string[])["--host"] : []]);
        Assert.Equal("ready", await ReadLineAsync(_panel));
    }

    private string Opened => Path.Combine(Home, "opened");

    /// <summary>In place of file manager and browser: notes what it is to open.</summary>
    private void PutOpener()
    {
        var path = Path.Combine(Home, "xdg-open");
        File.WriteAllText(path, $"#!/bin/sh\nprintf %s \"$1\" >{Opened}.new && mv {Opened}.new {Opened}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task<Icon?> ReadAsync() => (await AskAsync("item")) is { } item ? item.Deserialize<Icon>(JsonSerializerOptions.Web) : null;

    private async Task<JsonNode?> AskAsync(string command)
    {
        await _panel.StandardInput.WriteLineAsync(command);
        await _panel.StandardInput.FlushAsync();
        return JsonNode.Parse(await ReadLineAsync(_panel));
    }

    private static async Task<string> ReadLineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync().WaitAsync(Poll.Patience)
        ?? throw new InvalidOperationException($"{process.StartInfo.FileName} ended: {await process.StandardError.ReadToEndAsync().WaitAsync(Poll.Patience)}");

    private Process Start(string program, params string[] arguments)
    {
        var process = Command.Start(program, arguments, _environment);
        _processes.Push(process);
        return process;
    }
}

/// <summary>An icon of the panel.</summary>
internal sealed record Icon(IReadOnlyDictionary<string, JsonNode> Properties, IReadOnlyList<Entry> Menu)
{
    /// <summary>A property of the StatusNotifierItem.</summary>
    public string Property(string name) => (string?)Properties.GetValueOrDefault(name) ?? "";

    /// <summary>The labels of the menu; "--" for a line.</summary>
    public IReadOnlyList<string> Labels => [.. Menu.Select(entry => entry.Separator ? "--" : entry.Label)];
}

/// <summary>An item of a menu.</summary>
internal sealed record Entry(int Id, string Label, bool Enabled, bool Separator, IReadOnlyList<Entry> Children);
