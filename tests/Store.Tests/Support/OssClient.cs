namespace SyncAgent.Store.Tests;

internal static class OssClient
{
    public static OssObjectStore For(RawServer server, TimeProvider? time = null, ICredentialsProvider? credentials = null) =>
        For(server.Url, time, credentials);

    public static OssObjectStore For(string url, TimeProvider? time = null, ICredentialsProvider? credentials = null) => OssObjectStore.Create(
        Options(url), credentials ?? new StaticCredentials(new StoreCredentials("ak", "sk")), time ?? TimeProvider.System);

    public static OssStoreOptions Options(string url) => new() { Endpoint = url, Region = "cn-hangzhou", Bucket = "bucket" };
}
