namespace SyncAgent.Bench.Workloads;

/// <summary>Bytes that no client can make smaller.</summary>
internal static class Content
{
    /// <summary>A mebibyte of chance; whoever needs more writes it again.</summary>
    public static byte[] Mebibyte { get; } = Make();

    private static byte[] Make()
    {
        var bytes = new byte[1 << 20];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
