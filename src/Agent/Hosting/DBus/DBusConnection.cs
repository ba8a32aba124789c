using System.Collections.Concurrent;
using System.Net.Sockets;

namespace SyncAgent.Agent.Hosting.DBus;

/// <summary>A connection to a D-Bus bus, with the little that an agent needs: calls and signals. (No package for it is on every registry:
/// docs/decisions/0013-service.md.)</summary>
internal sealed class DBusConnection : IAsyncDisposable
{
    private const string Bus = "org.freedesktop.DBus";
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly DBusSocket _socket;
    private readonly TimeProvider _time;
    private readonly Action<DBusMessage> _onSignal;
    private readonly Lock _sending = new();
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<DBusMessage>> _calls = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _serial;

    private DBusConnection(DBusSocket socket, TimeProvider time, Action<DBusMessage> onSignal)
    {
        _socket = socket;
        _time = time;
        _onSignal = onSignal;
    }

    /// <summary>Ends when the connection is gone, for whatever reason.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Connects and says hello.</summary>
    /// <param name="addresses">As in DBUS_SYSTEM_BUS_ADDRESS.</param>
    /// <param name="time">Clock of the timeouts.</param>
    /// <param name="onSignal">Called for each signal, on the thread that receives: it must not wait.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DBusException">There is no bus, or it does not let us in.</exception>
    public static async Task<DBusConnection> ConnectAsync(string addresses, TimeProvider time, Action<DBusMessage> onSignal, CancellationToken cancellationToken)
    {
        var socket = await Task.Run(() => DBusSocket.Connect(addresses), cancellationToken).WaitAsync(CallTimeout, time, cancellationToken);
        var connection = new DBusConnection(socket, time, onSignal);
        new Thread(connection.Receive) { IsBackground = true, Name = "dbus" }.Start();
        try
        {
            await connection.CallAsync(Bus, "/org/freedesktop/DBus", Bus, "Hello", "", null, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks the bus for signals.</summary>
    public Task AddMatchAsync(string rule, CancellationToken cancellationToken) =>
        CallAsync(Bus, "/org/freedesktop/DBus", Bus, "AddMatch", "s", body => body.WriteString(rule), cancellationToken);

    /// <summary>Calls a method.</summary>
    /// <exception cref="DBusException">It failed, or was not answered within 10 seconds.</exception>
    public async Task<DBusMessage> CallAsync(
        string destination, string path, string @interface, string member, string signature, Action<DBusWriter>? arguments, CancellationToken cancellationToken)
    {
        var body = new DBusWriter();
        arguments?.Invoke(body);
        var answer = new TaskCompletionSource<DBusMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        var serial = Interlocked.Increment(ref _serial);
        var isTaken = false;
        _calls[serial] = answer;
        try
        {
            if (Closed.IsCompleted) throw new DBusException("the bus is gone");
            lock (_sending) _socket.Send(DBusMessage.Call(serial, destination, path, @interface, member, signature, body.Written.Span));
            var reply = await answer.Task.WaitAsync(CallTimeout, _time, cancellationToken);
            isTaken = true;
            if (reply.Type != DBusMessageType.Error) return reply;
            throw new DBusException($"{member}: {reply.Fields.GetValueOrDefault((byte)4, "an error")}");
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            throw new DBusException($"{member}: {e.Message}", e);
        }
        finally
        {
            _calls.TryRemove(serial, out _);
            // An answer that came when nobody waited any more. One that comes later finds nobody, and Deliver disposes of it.
            if (!isTaken && !answer.TrySetCanceled(CancellationToken.None) && answer.Task.IsCompletedSuccessfully) Discard(await answer.Task);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _socket.Shutdown();
        await Closed;
        _socket.Dispose();
    }

    private void Receive()
    {
        try
        {
            while (_socket.Receive() is { } message) Deliver(message);
        }
        catch (Exception e) when (e is SocketException or DBusException)
        {
            // the same as an end: whoever waits is told, and who needs the bus connects again
        }

        _closed.SetResult();
        foreach (var call in _calls.Values) call.TrySetException(new DBusException("the bus is gone"));
    }

    private void Deliver(DBusMessage message)
    {
        if (message.Type == DBusMessageType.Signal) _onSignal(message);
        else if (_calls.TryGetValue(message.ReplySerial, out var call) && call.TrySetResult(message)) return;
        Discard(message);
    }

    private static void Discard(DBusMessage message)
    {
        foreach (var descriptor in message.Descriptors) descriptor.Dispose();
    }
}
