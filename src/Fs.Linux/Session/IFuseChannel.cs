namespace SyncAgent.Fs.Linux.Session;

/// <summary>Where replies and notifications go: the device, or a list in a test.</summary>
internal interface IFuseChannel
{
    /// <summary>Sends one whole message; any thread may call it.</summary>
    /// <returns>0, or why the kernel did not take it (ENOENT: nobody waits for it any more).</returns>
    Errno Send(ReadOnlySpan<byte> message);
}
