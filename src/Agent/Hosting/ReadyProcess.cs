using System.Net.Sockets;
using System.Text;
using SyncAgent.Agent.Hosting.Windows;

namespace SyncAgent.Agent.Hosting;

/// <summary>Starts a process that outlives this one, and waits until it says that it is ready, as systemd's services do.</summary>
internal static class ReadyProcess
{
    /// <summary>Starts a program; see <see cref="DetachedProcess.Start"/>.</summary>
    /// <returns>Its process id; its exit code when it ended without getting ready, else null.</returns>
    public static async Task<(int Pid, int? ExitCode)> StartAsync(
        string program, IReadOnlyList<string> arguments, string log, IReadOnlyDictionary<string, string> environment, CancellationToken stop)
    {
        if (OperatingSystem.IsWindows()) return await WindowsStart.RunAsync(program, arguments, log, environment, stop);
        var folder = Directory.CreateTempSubdirectory("syncagent-");
        try
        {
            using var ready = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            var address = Path.Combine(folder.FullName, "ready");
            ready.Bind(new UnixDomainSocketEndPoint(address));
            var child = DetachedProcess.Start(
                program, arguments, log, new Dictionary<string, string>(environment) { [SystemdNotify.Variable] = address });
            var exit = child.WaitForExitAsync();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var said = WaitForReadyAsync(ready, either.Token);
            if (await Task.WhenAny(said, exit) == said)
            {
                await said;
                return (child.Pid, null);
            }

            await either.CancelAsync();
            return (child.Pid, await exit);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task WaitForReadyAsync(Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[256];
        while (true)
        {
            var length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
            if (Encoding.UTF8.GetString(buffer, 0, length).Split('\n').Contains(SystemdNotify.Ready)) return;
        }
    }
}
