using System.Collections;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace SyncAgent.Agent.Hosting;

/// <summary>A child in a session of its own, so that it outlives the terminal: stdin from nowhere, output to a log file,
/// environment inherited. .NET's Process can do none of the three.</summary>
internal sealed unsafe class DetachedProcess
{
    private const int WriteOnly = 1;
    private const int Create = 0x40;
    private const int Append = 0x400;
    private const int Interrupted = 4;

    private DetachedProcess(int pid) => Pid = pid;

    /// <summary>Process id.</summary>
    public int Pid { get; }

    /// <summary>Starts a program.</summary>
    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">Arguments without the program's own name.</param>
    /// <param name="logFile">Where its output is appended, created 0600.</param>
    /// <param name="extraEnvironment">Variables to set beside the inherited ones.</param>
    public static DetachedProcess Start(
        string program, IReadOnlyList<string> arguments, string logFile, IReadOnlyDictionary<string, string> extraEnvironment)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(entry => !extraEnvironment.ContainsKey((string)entry.Key))
            .Select(entry => $"{entry.Key}={entry.Value}")
            .Concat(extraEnvironment.Select(pair => $"{pair.Key}={pair.Value}"));
        using var argumentBlock = new StringBlock([program, .. arguments]);
        using var environmentBlock = new StringBlock([.. environment]);
        var actions = stackalloc byte[NativeMethods.SpawnStructureSize];
        var attributes = stackalloc byte[NativeMethods.SpawnStructureSize];
        Check(NativeMethods.SpawnActionsInit(actions));
        Check(NativeMethods.SpawnAttributesInit(attributes));
        try
        {
            Check(NativeMethods.SpawnActionsAddOpen(actions, 0, "/dev/null", 0, 0));
            Check(NativeMethods.SpawnActionsAddOpen(actions, 1, logFile, WriteOnly | Create | Append, 0b110_000_000));
            Check(NativeMethods.SpawnActionsAddDup2(actions, 1, 2));
            Check(NativeMethods.SpawnAttributesSetFlags(attributes, NativeMethods.SpawnSetSid));
            int pid;
            Check(NativeMethods.Spawn(&pid, *argumentBlock.Pointer, actions, attributes, argumentBlock.Pointer, environmentBlock.Pointer));
            return new DetachedProcess(pid);
        }
        finally
        {
            _ = NativeMethods.SpawnAttributesDestroy(attributes);
            _ = NativeMethods.SpawnActionsDestroy(actions);
        }
    }

    /// <summary>Waits for the end; the exit code, or 128 and the signal's number.</summary>
    public Task<int> WaitForExitAsync() => Task.Factory.StartNew(WaitForExit, TaskCreationOptions.LongRunning);

    private int WaitForExit()
    {
        int status;
        while (NativeMethods.WaitPid(Pid, out status, 0) < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) throw new Win32Exception(error);
        }

        var signal = status & 0x7F;
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal;
    }

    private static void Check(int error)
    {
        if (error != 0) throw new Win32Exception(error);
    }

    /// <summary>A null-terminated array of UTF-8 strings in native memory.</summary>
    private sealed class StringBlock : IDisposable
    {
        private readonly int _count;

        public StringBlock(IReadOnlyList<string> strings)
        {
            _count = strings.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                var length = Encoding.UTF8.GetByteCount(strings[i]);
                Pointer[i] = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
                Encoding.UTF8.GetBytes(strings[i], new Span<byte>(Pointer[i], length));
            }
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++) NativeMemory.Free(Pointer[i]);
            NativeMemory.Free(Pointer);
        }
    }
}
