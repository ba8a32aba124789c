using System.Text;

namespace SyncAgent.Store.Tests;

/// <summary>
/// What the transfer layer relies on, for any <see cref="IObjectStore"/> over a real server. Each test works below a prefix
/// of its own. A new kind of store passes by deriving from this class.
/// </summary>
public abstract partial class ObjectStoreContract
{
    /// <summary>The store under test.</summary>
    protected abstract IObjectStore Store { get; }

    /// <summary>Where this test's keys begin; ends in "/".</summary>
    protected abstract string Prefix { get; }

    /// <summary>Whether "create only" is left to the store; where it is not, the client looks first.</summary>
    protected virtual bool StoreChecksCreateOnly => true;

    /// <summary>Whether the id of a completed upload is unknown from then on. Swift goes on answering for it.</summary>
    protected virtual bool ForgetsCompletedUploads => true;

    /// <summary>Whether Complete may leave out parts that were sent. radosgw joins all of them or none.</summary>
    protected virtual bool MayLeavePartsOut => true;

    /// <summary>Entries of one page of parts or uploads.</summary>
    protected virtual int PageSize => 1000;

    private int MinPart => checked((int)Store.Capabilities.MinPartSize);

    private static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private string Key(string name) => Prefix + name;

    private Task<StoredObject> PutAsync(string name, byte[] bytes, ObjectOptions? options = null) =>
        Store.PutAsync(Key(name), new BytesContent(bytes), options ?? ObjectOptions.None, default);

    private Task<StoredObject> PutAsync(string name, string text) => PutAsync(name, Encoding.UTF8.GetBytes(text));

    private async Task<byte[]> ReadAsync(string name, ByteRange? range = null, string? ifMatch = null)
    {
        using var body = await Store.GetAsync(Key(name), range, ifMatch, default);
        using var bytes = new MemoryStream();
        await body.Content.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    protected static async Task ThrowsAsync(StoreErrorKind kind, Func<Task> call)
    {
        var error = await Assert.ThrowsAsync<StoreException>(call);
        Assert.True(kind == error.Kind, $"Expected {kind}, got {error.Kind}: {error.Message}");
    }

    private void AssertCrc(byte[] bytes, ulong? stated)
    {
        if (Store.Capabilities.ObjectCrc64) Assert.Equal(Crc64.Compute(bytes), stated);
        else Assert.Null(stated);
    }
}
