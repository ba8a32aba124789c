using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux;

/// <summary>
/// INTERRUPT. The kernel sends one for any signal, also for a timer or a finished child, and only once; no program expects EINTR
/// from a regular file. So, as on NFS, only a caller that is dying is interrupted. For another the kernel is told EAGAIN a little
/// later, on which it sends the INTERRUPT again if the request still runs: a later, deadly signal is seen then.
/// </summary>
internal sealed partial class LinuxFileSystem
{
    /// <summary>How long a dying caller may have to wait after a harmless signal.</summary>
    private static readonly TimeSpan InterruptRecheck = TimeSpan.FromMilliseconds(250);

    private async ValueTask InterruptAsync(FuseRequest request)
    {
        var target = request.Body().Read<fuse_interrupt_in>().unique;

        // Reading /proc and cancelling run other code: not on a reader thread.
        await Task.Yield();
        if (requests.Find(target, out var thread) is not { } running)
        {
            // Answered meanwhile (the kernel then ignores this) or read from the device by a thread that has not begun it yet.
            request.Reply(Errno.EAGAIN);
            return;
        }

        if (CallerState.IsDying(thread))
        {
            running.Interrupt(target);
            return;
        }

        await Task.Delay(InterruptRecheck, time, request.Context.Cancellation);
        request.Reply(Errno.EAGAIN);
    }
}
