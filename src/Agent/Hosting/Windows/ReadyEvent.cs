using System.Runtime.Versioning;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>A named event of this session by which a child tells whoever started it that it is ready.</summary>
[SupportedOSPlatform("windows")]
internal static class ReadyEvent
{
    private const string Prefix = @"Local\syncagent-ready-";

    /// <summary>Makes one with a name that nobody guesses.</summary>
    public static EventWaitHandle Create(out string name)
    {
        name = Prefix + Guid.NewGuid().ToString("n");
        return new EventWaitHandle(initialState: false, EventResetMode.ManualReset, name);
    }

    /// <summary>Sets the event of a name that <see cref="Create"/> gave. False when it has another name, or nobody listens any more.</summary>
    public static bool TrySet(string? name)
    {
        if (name?.StartsWith(Prefix, StringComparison.Ordinal) != true || !EventWaitHandle.TryOpenExisting(name, out var ready)) return false;
        using (ready) return ready.Set();
    }
}
