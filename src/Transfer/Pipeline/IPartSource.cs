namespace SyncAgent.Transfer;

/// <summary>Local bytes to send, read at any offset by several parts at once.</summary>
internal interface IPartSource
{
    /// <summary>Bytes in all.</summary>
    long Size { get; }

    /// <summary>Reads at an offset, from the page cache or a local disk and so in place; 0 only at the end.</summary>
    int Read(long offset, Span<byte> buffer);

    /// <summary>Throws <see cref="Store.StoreException"/> (<see cref="Store.StoreErrorKind.SourceChanged"/>) when the bytes are not
    /// those that this source was opened on.</summary>
    void ThrowIfChanged();
}
