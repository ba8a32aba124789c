using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Agent.Hosting;

/// <summary>
/// One agent per state folder: <c>agent.lock</c>, locked for the life of the process. The kernel gives the lock back when the
/// process ends, however it ends. The file itself stays: removing it would let two agents hold "the" lock.
/// </summary>
internal sealed class AgentLock : IDisposable
{
    private const string FileName = "agent.lock";

    private readonly SafeFileHandle _file;

    private AgentLock(SafeFileHandle file) => _file = file;

    /// <summary>Takes the lock; null when another process holds it.</summary>
    public static AgentLock? TryTake(string stateFolder)
    {
        var path = Path.Combine(stateFolder, FileName);
        // On Windows FileShare.None is the lock. On Linux .NET's own advisory lock can be switched off from outside
        // (DOTNET_SYSTEM_IO_DISABLEFILELOCKING), so there flock is called here.
        var share = OperatingSystem.IsWindows() ? FileShare.None : FileShare.ReadWrite;
        SafeFileHandle file;
        try
        {
            if (!File.Exists(path)) MakePrivate(path);
            file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, share);
        }
        catch (IOException e) when (IsLockedByAnother(e))
        {
            return null;
        }

        if (OperatingSystem.IsWindows() || NativeMethods.FLock(file, NativeMethods.LockExclusiveNonBlocking) == 0) return new AgentLock(file);
        file.Dispose();
        return null;
    }

    /// <summary>Whether somebody holds the lock now.</summary>
    public static bool IsHeld(string stateFolder)
    {
        if (!File.Exists(Path.Combine(stateFolder, FileName))) return false;
        using var taken = TryTake(stateFolder);
        return taken is null;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static void MakePrivate(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(path, options).Dispose();
    }

    // ERROR_SHARING_VIOLATION on Windows; EWOULDBLOCK, as .NET reports it, on Linux.
    private static bool IsLockedByAnother(IOException e) => e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException)
        && (e.HResult & 0xFFFF) is 32 or 11;
}
