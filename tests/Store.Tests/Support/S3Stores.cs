namespace SyncAgent.Store.Tests;

internal static class S3Stores
{
    public static S3ObjectStore For(RawServer server, TimeProvider? time = null, ICredentialsProvider? credentials = null) =>
        For(Options(server.Url), time, credentials);

    public static S3ObjectStore For(S3StoreOptions options, TimeProvider? time = null, ICredentialsProvider? credentials = null) =>
        S3ObjectStore.Create(options, credentials ?? new StaticCredentials(new StoreCredentials("ak", "sk")), time ?? TimeProvider.System);

    public static S3StoreOptions Options(string url) => new() { Endpoint = url, Region = "us-east-1", Bucket = "bucket" };
}
