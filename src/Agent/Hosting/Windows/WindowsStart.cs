using System.Collections;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>A child without a console, so that it outlives the one of its parent: input from nowhere, output to a log file and no other handle
/// inherited. .NET's Process can do neither.</summary>
[SupportedOSPlatform("windows")]
internal static class WindowsStart
{
    /// <summary>Starts a program and waits until it says that it is ready.</summary>
    /// <returns>Its process id; its exit code when it ended without getting ready, else null.</returns>
    public static async Task<(int Pid, int? ExitCode)> RunAsync(
        string program, IReadOnlyList<string> arguments, string log, IReadOnlyDictionary<string, string> environment, CancellationToken stop)
    {
        using var ready = ReadyEvent.Create(out var name);
        var variables = new Dictionary<string, string>(environment) { [SystemdNotify.Variable] = name };
        var pid = Start(program, arguments, log, variables, out var handle);
        using var process = new ProcessEnd(handle);
        var index = await Task.Factory.StartNew(
            () => WaitHandle.WaitAny([ready, process, stop.WaitHandle]), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        stop.ThrowIfCancellationRequested();
        return (pid, index == 0 ? null : process.ExitCode);
    }

    private static unsafe int Start(
        string program, IReadOnlyList<string> arguments, string log, IReadOnlyDictionary<string, string> extraEnvironment, out SafeWaitHandle process)
    {
        using var output = Kernel32.CreateFile(log, Kernel32.AppendData | Kernel32.Synchronize, Kernel32.ShareAll, null, Kernel32.OpenAlways, 0, 0);
        Check(output.IsInvalid ? 0 : 1);
        using var input = File.OpenHandle("NUL", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var handles = stackalloc nint[] { input.DangerousGetHandle(), output.DangerousGetHandle() };
        for (var i = 0; i < 2; i++) Check(Kernel32.SetHandleInformation(handles[i], Kernel32.HandleFlagInherit, Kernel32.HandleFlagInherit));

        nuint size = 0;
        Kernel32.InitializeProcThreadAttributeList(null, 1, 0, &size);
        var attributes = NativeMemory.Alloc(size);
        try
        {
            Check(Kernel32.InitializeProcThreadAttributeList(attributes, 1, 0, &size));
            Check(Kernel32.UpdateProcThreadAttribute(attributes, 0, Kernel32.AttributeHandleList, handles, (nuint)(2 * sizeof(nint)), null, null));
            var start = new Kernel32.StartupInfoEx
            {
                Size = (uint)sizeof(Kernel32.StartupInfoEx),
                Flags = Kernel32.UseStandardHandles,
                StandardInput = handles[0],
                StandardOutput = handles[1],
                StandardError = handles[1],
                Attributes = attributes,
            };
            Kernel32.ProcessInformation information;
            fixed (char* line = CommandLineOf([program, .. arguments]))
            fixed (char* block = EnvironmentOf(extraEnvironment))
            {
                const uint Flags = Kernel32.DetachedProcess | Kernel32.NewProcessGroup | Kernel32.UnicodeEnvironment | Kernel32.ExtendedStartupInfo;
                Check(Kernel32.CreateProcess(program, line, null, null, 1, Flags, block, null, &start, &information));
            }

            _ = Kernel32.CloseHandle(information.Thread);
            process = new SafeWaitHandle(information.Process, ownsHandle: true);
            return (int)information.ProcessId;
        }
        finally
        {
            Kernel32.DeleteProcThreadAttributeList(attributes);
            NativeMemory.Free(attributes);
        }
    }

    /// <summary>Words as one line that CommandLineToArgvW, and so the C runtime and .NET, takes apart again.</summary>
    public static string CommandLineOf(IEnumerable<string> words)
    {
        var line = new StringBuilder();
        foreach (var word in words)
        {
            if (line.Length > 0) line.Append(' ');
            line.Append('"');
            var backslashes = 0;
            foreach (var letter in word)
            {
                // Backslashes are themselves, but before a quote.
                if (letter == '"') line.Append('\\', backslashes + 1);
                backslashes = letter == '\\' ? backslashes + 1 : 0;
                line.Append(letter);
            }

            line.Append('\\', backslashes).Append('"');
        }

        return line.Append('\0').ToString();
    }

    private static string EnvironmentOf(IReadOnlyDictionary<string, string> extra)
    {
        var variables = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables()) variables[(string)entry.Key] = (string)entry.Value!;
        foreach (var (name, value) in extra) variables[name] = value;
        var block = new StringBuilder();
        foreach (var (name, value) in variables) block.Append(name).Append('=').Append(value).Append('\0');
        return block.Append('\0').ToString();
    }

    private static void Check(int succeeded)
    {
        if (succeeded == 0) throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    private sealed class ProcessEnd : WaitHandle
    {
        public ProcessEnd(SafeWaitHandle handle) => SafeWaitHandle = handle;

        public unsafe int ExitCode
        {
            get
            {
                uint code;
                Check(Kernel32.GetExitCodeProcess(SafeWaitHandle.DangerousGetHandle(), &code));
                return (int)code;
            }
        }
    }
}
