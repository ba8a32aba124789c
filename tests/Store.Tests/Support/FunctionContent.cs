namespace SyncAgent.Store.Tests;

/// <summary>Content whose length and bytes need not agree.</summary>
public sealed class FunctionContent(long length, Func<Stream> open) : ObjectContent
{
    public int Opened { get; private set; }

    public override long Length => length;

    public override Stream OpenRead()
    {
        Opened++;
        return open();
    }
}
