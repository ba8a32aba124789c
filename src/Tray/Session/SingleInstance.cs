using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.Tray.Session;

/// <summary>One tray per user and state folder. The system gives the claim back when the process ends, however it ends. Belongs to the thread
/// that took it.</summary>
internal sealed class SingleInstance : IDisposable
{
    private readonly Mutex _mutex;

    private SingleInstance(Mutex mutex) => _mutex = mutex;

    /// <summary>Claims a state folder; null when another tray has it.</summary>
    public static SingleInstance? TryTake(string stateFolder)
    {
        var name = "SyncAgent.Tray." + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stateFolder)).AsSpan(0, 16));
        // A session of Linux is a terminal's: it would not keep two trays of one desktop apart.
        var mutex = new Mutex(name, new NamedWaitHandleOptions { CurrentUserOnly = true, CurrentSessionOnly = false });
        try
        {
            if (mutex.WaitOne(0)) return new SingleInstance(mutex);
        }
        catch (AbandonedMutexException)
        {
            return new SingleInstance(mutex); // the last one was killed
        }

        mutex.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mutex.ReleaseMutex();
        _mutex.Dispose();
    }
}
