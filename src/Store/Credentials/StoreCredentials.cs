namespace SyncAgent.Store;

/// <summary>An access key. Printing it shows the key id only.</summary>
/// <param name="AccessKeyId">Names the key; not secret.</param>
/// <param name="AccessKeySecret">Signs requests; never shown.</param>
/// <param name="SecurityToken">Present with temporary (STS) credentials; never shown.</param>
public sealed record StoreCredentials(string AccessKeyId, string AccessKeySecret, string? SecurityToken = null)
{
    /// <inheritdoc/>
    public override string ToString() => SecurityToken is null ? $"access key {AccessKeyId}" : $"temporary access key {AccessKeyId}";
}
