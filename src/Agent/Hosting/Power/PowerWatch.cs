using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting.DBus;

namespace SyncAgent.Agent.Hosting.Power;

/// <summary>
/// Follows systemd-logind over the system bus: tells when the machine has woken up, and holds an inhibitor against shutdowns while
/// something is to be sent (https://systemd.io/INHIBITOR_LOCKS). Where there is no bus or no logind it is silent, and looks again now and then.
/// </summary>
internal sealed partial class PowerWatch : IPowerWatch
{
    /// <summary>The variable with the system bus's address.</summary>
    public const string AddressVariable = "DBUS_SYSTEM_BUS_ADDRESS";

    private const string DefaultAddress = "unix:path=/run/dbus/system_bus_socket";
    private const string Logind = "org.freedesktop.login1";
    private const string Manager = "org.freedesktop.login1.Manager";
    private const string Path = "/org/freedesktop/login1";

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(30);

    private readonly string _address;
    private readonly ShutdownInhibition _inhibition;
    private readonly Action _onWake;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private volatile bool _wanted;
    private Task _running = Task.CompletedTask;
    private Task? _waiting;
    private SafeFileHandle? _lock;

    /// <summary>Makes one; <see cref="Start"/> connects.</summary>
    /// <param name="address">The bus's, or null for the usual one.</param>
    /// <param name="inhibition">Whether and how shutdowns are held up.</param>
    /// <param name="onWake">Called when the machine has woken up from sleep. It must not wait.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public PowerWatch(string? address, ShutdownInhibition inhibition, Action onWake, TimeProvider time, ILogger logger)
    {
        _address = string.IsNullOrEmpty(address) ? DefaultAddress : address;
        _inhibition = inhibition;
        _onWake = onWake;
        _time = time;
        _logger = logger;
    }

    /// <inheritdoc/>
    public void Start() => _running = Task.Run(RunAsync);

    /// <inheritdoc/>
    public void SetPending(bool pending)
    {
        if (_wanted == pending) return;
        _wanted = pending;
        Wake();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _lock?.Dispose();
        _stop.Dispose();
        _changed.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await FollowAsync();
            }
            catch (Exception e) when (e is DBusException or TimeoutException)
            {
                LogUnreachable(e.Message);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Again, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync()
    {
        await using var bus = await DBusConnection.ConnectAsync(_address, _time, OnSignal, _stop.Token);
        foreach (var member in (string[])["PrepareForSleep", "PrepareForShutdown"])
            await bus.AddMatchAsync($"type='signal',sender='{Logind}',interface='{Manager}',member='{member}'", _stop.Token);
        while (!bus.Closed.IsCompleted)
        {
            await HoldOrReleaseAsync(bus);
            // One that a lost connection left waiting is taken up again: it would swallow the next change.
            _waiting ??= _changed.WaitAsync(_stop.Token);
            if (await Task.WhenAny(_waiting, bus.Closed) != _waiting) return;
            var changed = _waiting;
            _waiting = null;
            await changed;
        }
    }

    private async Task HoldOrReleaseAsync(DBusConnection bus)
    {
        var wanted = _wanted && _inhibition is not ShutdownInhibition.Off;
        if (wanted == _lock is not null) return;
        if (!wanted)
        {
            _lock!.Dispose(); // closing the descriptor gives the inhibitor back
            _lock = null;
            LogReleased();
            return;
        }

        var mode = _inhibition is ShutdownInhibition.Block ? "block" : "delay";
        var reply = await bus.CallAsync(
            Logind, Path, Manager, "Inhibit", "ssss",
            body =>
            {
                body.WriteString("shutdown");
                body.WriteString("SyncAgent");
                body.WriteString("Files are on their way to the bucket");
                body.WriteString(mode);
            },
            _stop.Token);
        _lock = reply.Descriptors is [var descriptor, ..] ? descriptor : throw new DBusException("logind gave no inhibitor");
        LogHeld(mode);
    }

    private void OnSignal(DBusMessage signal)
    {
        if (signal.Interface != Manager) return;
        var begins = signal.Read().ReadBoolean();
        switch (signal.Member)
        {
            case "PrepareForSleep" when !begins:
                LogAwake();
                _onWake();
                break;
            case "PrepareForShutdown" when begins:
                LogShutdown(_wanted ? "files are still on their way" : "nothing is on its way");
                break;
        }
    }

    private void Wake()
    {
        try
        {
            _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // it is about to look anyway
        }
    }

    [LoggerMessage(5012, LogLevel.Debug, "systemd-logind is not followed: {Reason}")]
    private partial void LogUnreachable(string reason);

    [LoggerMessage(5013, LogLevel.Debug, "shutdowns are held up ({Mode}) while files are on their way")]
    private partial void LogHeld(string mode);

    [LoggerMessage(5014, LogLevel.Debug, "shutdowns are not held up any more")]
    private partial void LogReleased();

    [LoggerMessage(5015, LogLevel.Information, "the machine has woken up: what waits is tried at once")]
    private partial void LogAwake();

    [LoggerMessage(5016, LogLevel.Information, "the machine is about to shut down; {What}")]
    private partial void LogShutdown(string what);
}
