using System.Runtime.InteropServices;
using SyncAgent.Agent.Hosting;
using SyncAgent.Tray.Linux;
using SyncAgent.Tray.Session;
using SyncAgent.Tray.Windows;

namespace SyncAgent.Tray;

/// <summary>The program.</summary>
internal static class Program
{
    private const int Usage = 64;
    private const int Unavailable = 69;

    private static int Main(string[] arguments)
    {
        if (!TrayOptions.TryParse(arguments, out var options, out var error)) return Fail(Usage, error);
        if (options.ShowHelp) return Say(TrayOptions.Usage);
        if (options.ShowVersion) return Say(TrayApplication.Version);
        try
        {
            if (options.Autostart is { } on)
            {
                var place = Autostart.Set(on, options.GivenState, Environment.GetEnvironmentVariable);
                return Say(on ? $"syncagent-tray starts with your session ({place})." : "syncagent-tray does not start with your session any more.");
            }

            var stateFolder = options.GivenState ?? StateFolder.Default(Environment.GetEnvironmentVariable);
            if (options.OfSession && (!Directory.Exists(stateFolder) || Autostart.IsOffForUser())) return 0;
            using var instance = SingleInstance.TryTake(stateFolder);
            if (instance is null) return Say($"A tray for {stateFolder} runs already.");
            // The claim belongs to this thread, so this one waits.
            RunAsync(stateFolder).GetAwaiter().GetResult();
            return 0;
        }
        catch (ShellException e)
        {
            return Fail(Unavailable, $"syncagent-tray: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(1, $"syncagent-tray: {e.Message}");
        }
    }

    private static async Task RunAsync(string stateFolder)
    {
        using var stop = new CancellationTokenSource();
        Action<PosixSignalContext> onSignal = context =>
        {
            // A second signal finds nobody and kills.
            context.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        };
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, onSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, onSignal);
        WholeProgram.Load();
        ITrayShell shell = OperatingSystem.IsWindows() ? new WindowsShell() : new LinuxShell();
        await new TrayApplication(stateFolder, shell, TimeProvider.System, Opener.Open).RunAsync(stop.Token);
    }

    private static int Say(string text)
    {
        Console.WriteLine(text);
        return 0;
    }

    private static int Fail(int code, string text)
    {
        Console.Error.WriteLine(text);
        return code;
    }
}
