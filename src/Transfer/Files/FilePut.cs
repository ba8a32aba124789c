using System.Security.Cryptography;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Sends a file in one request. Its checksum is taken first; bytes that differ from it while they are sent never become an
/// object.</summary>
internal sealed class FilePut(IObjectStore store, TransferOptions transfer, DoubtfulCalls tries)
{
    public async Task<FileReceipt> SendAsync(
        FileSource source, string key, ObjectOptions options, TransferMonitor monitor, CancellationToken cancellationToken)
    {
        var statesCrc = store.Capabilities.ObjectCrc64;
        var sums = await Task.Run(
            () => RangeSums.Compute(source, 0, source.Size, transfer.SendsMd5To(store.Capabilities), cancellationToken), cancellationToken);
        source.ThrowIfChanged(); // else the checksum may be of no content that the file ever had
        // Any other put is simply made again: what is found may have been there before, with the same bytes but other options.
        var mustLook = options.ForbidOverwrite || options.Callback is not null;
        var nonce = statesCrc || !mustLook ? null : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        var body = new SourceContent(source, 0, source.Size, monitor) { Crc64 = sums.Crc, Md5 = sums.Md5 };
        var stored = await tries.RunAsync(
            () => store.PutAsync(key, body, FileMultipart.WithNonce(options, nonce), cancellationToken),
            async () => mustLook ? await tries.FindAsync(key, source.Size, sums.Crc, options, nonce, cancellationToken) : null, cancellationToken);
        return new FileReceipt(
            key, source.Size, stored.ETag, sums.Crc, stored.Crc64 is not null, stored.VersionId, source.Size, stored.Callback, PossiblyOpen: false);
    }
}
