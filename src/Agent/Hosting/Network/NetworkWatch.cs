using System.Net.NetworkInformation;

namespace SyncAgent.Agent.Hosting.Network;

/// <summary>Tells when the machine's network addresses have changed: a cable, a wireless network, a tunnel. One change makes several
/// events, so it waits until they have been over for a moment.</summary>
internal sealed class NetworkWatch : IDisposable
{
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(1);

    private readonly ITimer _timer;
    private readonly Action _onChange;

    /// <summary>Begins to listen (on Linux to netlink).</summary>
    /// <param name="onChange">Called a moment after a change.</param>
    /// <param name="time">Clock.</param>
    public NetworkWatch(Action onChange, TimeProvider time)
    {
        _onChange = onChange;
        _timer = time.CreateTimer(_ => _onChange(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        NetworkChange.NetworkAddressChanged += OnChanged;
    }

    /// <summary>Something changed; what follows within a second belongs to it.</summary>
    internal void Notice() => _timer.Change(Calm, Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose()
    {
        NetworkChange.NetworkAddressChanged -= OnChanged;
        _timer.Dispose();
    }

    private void OnChanged(object? sender, EventArgs e) => Notice();
}
