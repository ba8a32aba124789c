using System.Diagnostics.CodeAnalysis;

namespace SyncAgent.Fs.Core;

/// <summary>Who asks, and whether they still wait. Adapters pool these: one per request under way.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Pooled; the source holds no timer and is disposed on Reset.")]
public sealed class OpContext
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _source;
    private bool _interrupted;

    /// <summary>Caller's user id.</summary>
    public uint Uid { get; set; }

    /// <summary>Caller's group id.</summary>
    public uint Gid { get; set; }

    /// <summary>Caller's process id, 0 when unknown.</summary>
    public uint Pid { get; set; }

    /// <summary>Cancelled when the caller gives up. Made on first use, so calls that never leave the machine pay nothing.</summary>
    public CancellationToken Cancellation
    {
        get
        {
            lock (_lock)
            {
                if (_source is null)
                {
                    _source = new CancellationTokenSource();
                    if (_interrupted) _source.Cancel();
                }

                return _source.Token;
            }
        }
    }

    /// <summary>The caller gave up (FUSE INTERRUPT).</summary>
    public void Interrupt()
    {
        CancellationTokenSource? source;
        lock (_lock)
        {
            _interrupted = true;
            source = _source;
        }

        source?.Cancel();
    }

    /// <summary>Makes the object ready for another request.</summary>
    public void Reset(uint uid, uint gid, uint pid)
    {
        lock (_lock)
        {
            _source?.Dispose();
            _source = null;
            _interrupted = false;
        }

        Uid = uid;
        Gid = gid;
        Pid = pid;
    }
}
