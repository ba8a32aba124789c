namespace SyncAgent.Journal;

/// <summary>
/// Objects of the bucket that open handles still read although their file may have been removed, replaced or renamed: such a key is
/// not deleted or overwritten before the last handle is closed. In memory only: after a kill nobody reads any more. Thread-safe.
/// </summary>
public sealed class KeyPins
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(long Drive, string Key, string ETag), int> _pins = [];

    /// <summary>Pins one version of an object. Dispose to unpin.</summary>
    public IDisposable Pin(long drive, string key, string etag)
    {
        var pin = (drive, key, etag);
        lock (_lock) _pins[pin] = _pins.GetValueOrDefault(pin) + 1;
        return new Release(this, pin);
    }

    /// <summary>Whether somebody reads a version of an object.</summary>
    public bool IsPinned(long drive, RemoteState remote)
    {
        ArgumentNullException.ThrowIfNull(remote);
        lock (_lock) return remote.ETag is { } etag && _pins.ContainsKey((drive, remote.Key, etag));
    }

    private void Unpin((long Drive, string Key, string ETag) pin)
    {
        lock (_lock)
        {
            if (_pins[pin] == 1) _pins.Remove(pin);
            else _pins[pin]--;
        }
    }

    private sealed class Release(KeyPins pins, (long Drive, string Key, string ETag) pin) : IDisposable
    {
        private KeyPins? _pins = pins;

        public void Dispose() => Interlocked.Exchange(ref _pins, null)?.Unpin(pin);
    }
}
