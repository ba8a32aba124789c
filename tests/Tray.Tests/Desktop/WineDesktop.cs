using System.Diagnostics;
using System.Globalization;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.Tray.Tests.Desktop;

/// <summary>A Windows desktop by Wine on a virtual display, with a taskbar, in a prefix of its own.</summary>
internal sealed class WineDesktop : IAsyncDisposable
{
    /// <summary>Where the one icon stands: the right end of the taskbar.</summary>
    private static readonly string[] IconPlace = ["1010", "758"];

    private readonly DirectoryInfo _work = Directory.CreateTempSubdirectory("syncagent-wine-");
    private readonly Stack<Process> _processes = new();
    private readonly Dictionary<string, string> _environment;

    private WineDesktop() => _environment = new Dictionary<string, string>
    {
        ["WINEPREFIX"] = Path.Combine(_work.FullName, "prefix"),
        ["WINEDEBUG"] = "-all",
        // .NET under Wine 8 loses its dynamic methods at the first collection otherwise.
        ["DOTNET_EnableWriteXorExecute"] = "0",
    };

    /// <summary>Publishes the tray for Windows and starts the desktop.</summary>
    public static async Task<WineDesktop> StartAsync()
    {
        Places.SkipUnlessInstalled("wine", "Xvfb", "xdotool", "import", "compare");
        var desktop = new WineDesktop();
        try
        {
            (await Command.RunAsync(
                "dotnet",
                [
                    "publish", Path.Combine(Places.Repository, "src/Tray/Tray.csproj"), "-c", "Release", "-r", "win-x64", "--self-contained", "-v", "quiet",
                    "-nodeReuse:false", "--artifacts-path", Path.Combine(desktop._work.FullName, "build"), "-o", Path.Combine(desktop._work.FullName, "tray"),
                ],
                desktop._environment, atMost: TimeSpan.FromMinutes(5))).Expect(0);
            var display = desktop.Start("Xvfb", "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset");
            desktop._environment["DISPLAY"] = ":" + await display.StandardOutput.ReadLineAsync().WaitAsync(Poll.Patience);
            await desktop.WineAsync("wineboot", "-i");
            await desktop.RunAsync("wineserver", "-w");
            await desktop.WineAsync("reg", "add", @"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f");
            desktop.Start("wine", "explorer", "/desktop=shell,1024x768");
            return desktop;
        }
        catch
        {
            await desktop.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs the tray to its end; returns what the registry says afterwards of programs that start with the session.</summary>
    public async Task<string> AutostartAsync(string onOrOff)
    {
        await WineAsync(Tray, "--autostart", onOrOff);
        return await WineAsync("reg", "query", @"HKCU\Software\Microsoft\Windows\CurrentVersion\Run");
    }

    /// <summary>Starts the tray on the desktop.</summary>
    public void StartTray(string stateFolder) => Start("wine", "explorer", "/desktop=shell", Tray, "--state", WindowsPath(stateFolder));

    /// <summary>Takes a picture.</summary>
    public async Task<string> PictureAsync(string name)
    {
        var path = Path.Combine(_work.FullName, name + ".png");
        await RunAsync("import", "-window", "root", path);
        return path;
    }

    /// <summary>Takes pictures until one differs from another in a number of pixels as wanted; returns it.</summary>
    public async Task<string> SeeAsync(string name, string before, Func<int, bool> wanted)
    {
        await Poll.UntilAsync(
            async () =>
            {
                // Ends with 1 where there is any difference.
                var compared = await Command.RunAsync("compare", ["-metric", "AE", before, await PictureAsync(name), "null:"], _environment);
                return (int)double.Parse(compared.Errors, CultureInfo.InvariantCulture);
            },
            wanted, $"the desktop: {name}");
        return Path.Combine(_work.FullName, name + ".png");
    }

    /// <summary>Opens the menu of the icon.</summary>
    public Task OpenMenuAsync() => RunAsync("xdotool", ["mousemove", .. IconPlace, "click", "3"]);

    /// <summary>Chooses the item of the open menu whose middle is so many pixels above the bottom of the display.</summary>
    public Task ChooseAsync(int fromBottom) => RunAsync("xdotool", "mousemove", "930", $"{768 - fromBottom}", "click", "1");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_environment.ContainsKey("DISPLAY")) await Command.RunAsync("wineserver", ["-k", "-w"], _environment);
        while (_processes.TryPop(out var process))
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync().WaitAsync(Poll.Patience);
            process.Dispose();
        }

        _work.Delete(recursive: true);
    }

    private string Tray => WindowsPath(Path.Combine(_work.FullName, "tray", "syncagent-tray.exe"));

    private static string WindowsPath(string path) => "Z:" + path.Replace('/', '\\');

    private async Task<string> RunAsync(string program, params string[] arguments) =>
        (await Command.RunAsync(program, arguments, _environment)).Expect(0).Output;

    // What a program of Wine brings up in the background stays, and would keep the streams of the program that is waited for.
    private async Task<string> WineAsync(params string[] arguments)
    {
        var output = Path.Combine(_work.FullName, "output");
        await RunAsync("sh", ["-c", "out=$1; shift; exec wine \"$@\" >\"$out\" 2>/dev/null", "sh", output, .. arguments]);
        return await File.ReadAllTextAsync(output);
    }

    private Process Start(string program, params string[] arguments)
    {
        var process = Command.Start(program, arguments, _environment);
        _processes.Push(process);
        return process;
    }
}
