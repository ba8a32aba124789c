using System.Diagnostics;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>A private bus (the reference dbus-daemon) with a logind of its own.</summary>
internal sealed class FakeLogind : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();
    private Process? _bus;
    private Process? _logind;

    /// <summary>For DBUS_SYSTEM_BUS_ADDRESS.</summary>
    public string Address => $"unix:path={_folder.At("bus")}";

    /// <summary>Starts both; skips the test where they are not installed.</summary>
    public static async Task<FakeLogind> StartAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/dbus-daemon") && Directory.Exists("/usr/lib/python3/dist-packages/dbus_next"), "needs dbus-daemon and python3-dbus-next");
        var fake = new FakeLogind();
        await fake.StartBusAsync();
        await fake.StartLogindAsync();
        return fake;
    }

    /// <summary>Starts the bus, again after it was ended.</summary>
    public async Task StartBusAsync()
    {
        await File.WriteAllTextAsync(
            _folder.At("bus.conf"),
            $"""
            <busconfig><type>session</type><listen>{Address}</listen><auth>EXTERNAL</auth>
            <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
            """);
        _bus = Start("dbus-daemon", "--nofork", "--print-address", $"--config-file={_folder.At("bus.conf")}");
        Assert.StartsWith("unix:", await _bus.StandardOutput.ReadLineAsync().WaitAsync(Bound));
    }

    public async Task StartLogindAsync()
    {
        _logind = Start("/usr/bin/python3", Path.Combine(AppContext.BaseDirectory, "fake-login1.py"), Address);
        Assert.Equal("ready", await HearAsync());
    }

    /// <summary>Ends the bus and all who are on it.</summary>
    public async Task EndBusAsync()
    {
        foreach (var process in (Process?[])[_logind, _bus])
        {
            if (process is null) continue;
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _logind = _bus = null;
    }

    /// <summary>What logind was asked next.</summary>
    public async Task<string?> HearAsync() => await _logind!.StandardOutput.ReadLineAsync().WaitAsync(Bound);

    /// <summary>Sends a signal.</summary>
    public async Task SignalAsync(string name, bool begins)
    {
        await _logind!.StandardInput.WriteLineAsync($"{name} {(begins ? "true" : "false")}");
        await _logind.StandardInput.FlushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndBusAsync();
        _folder.Dispose();
    }

    private static Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
}
