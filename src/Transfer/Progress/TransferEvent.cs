namespace SyncAgent.Transfer;

/// <summary>What happened to a transfer.</summary>
public enum TransferEventKind
{
    /// <summary>An attempt begins, from zero. A file that changed while it was sent begins again.</summary>
    Started,

    /// <summary><see cref="TransferEvent.Total"/> is known from now on.</summary>
    LengthKnown,

    /// <summary>Bytes moved since the last event of this kind.</summary>
    BytesTransferred,

    /// <summary>The other side has confirmed it. The last event.</summary>
    Completed,

    /// <summary>It ended without success, <see cref="TransferEvent.Error"/> says why. The last event.</summary>
    Failed,
}

/// <summary>
/// One report of a put, a multipart upload, a copy or a get. Within an attempt <paramref name="Transferred"/> never falls and never
/// exceeds <paramref name="Total"/>; the increments add up to it. Bytes that a resumed upload finds at the store count as transferred.
/// </summary>
/// <param name="Kind">What happened.</param>
/// <param name="Increment">Bytes since the event before.</param>
/// <param name="Transferred">Bytes since the attempt began.</param>
/// <param name="Total">Bytes in all, or null while that is not known.</param>
/// <param name="Error">Why it failed, with <see cref="TransferEventKind.Failed"/>.</param>
public readonly record struct TransferEvent(TransferEventKind Kind, long Increment, long Transferred, long? Total, Exception? Error = null);
