using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Windows;

/// <summary>What one call needs. A dispatcher's thread keeps one, so that reads and writes allocate nothing; a call that is answered later
/// takes it along.</summary>
internal sealed class Operation
{
    [ThreadStatic]
    private static Operation? _spare;

    /// <summary>Who asks, for the core.</summary>
    public OpContext Context { get; } = new();

    /// <summary>The driver's memory.</summary>
    public NativeBuffer Buffer { get; } = new();

    /// <summary>Whether the call may wait for the network at all.</summary>
    public bool MayWait { get; set; }

    /// <summary>Whether a timer may still interrupt <see cref="Context"/>: it is not used again then.</summary>
    public bool IsSpent { get; set; }

    /// <summary>Takes one.</summary>
    public static Operation Rent(uint uid, uint gid, bool mayWait = true)
    {
        var operation = _spare ?? new Operation();
        _spare = null;
        operation.Context.Reset(uid, gid, 0);
        operation.MayWait = mayWait;
        return operation;
    }

    /// <summary>Gives it back.</summary>
    public void Return()
    {
        if (!IsSpent) _spare = this;
    }
}
