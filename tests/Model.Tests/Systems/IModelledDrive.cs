using SyncAgent.Model.Tests.Operations;
using SyncAgent.Model.Tests.Reference;

namespace SyncAgent.Model.Tests.Systems;

/// <summary>An object as it stands in the bucket.</summary>
internal sealed record StoredObjectState(byte[] Bytes, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A drive that a script can be run on, in this process or mounted.</summary>
internal interface IModelledDrive : ICallable
{
    /// <summary>Whether the transfer works all the time, so that nobody knows what it has done; otherwise only when a step lets it.</summary>
    bool SendsByItself { get; }

    /// <summary>Returns when everything has arrived in the bucket and the drive knows that.</summary>
    void Settle();

    /// <summary>Lets the transfer make some calls of the store.</summary>
    void Work(int calls);

    /// <summary>Stops and starts; descriptors are lost.</summary>
    void Restart();

    /// <summary>kill -9 and a start; descriptors are lost.</summary>
    void Kill();

    /// <summary>As <see cref="Restart"/>, without the local copies of what the bucket holds.</summary>
    void Evict();

    /// <summary>Makes the store unreliable; 0 ends it.</summary>
    void Faults(int seed);

    /// <summary>Another client writes an object, named below the drive's prefix.</summary>
    void RemotePut(string path, byte[] bytes);

    /// <summary>Another client deletes one.</summary>
    void RemoteDelete(string path);

    /// <summary>The bucket from the server's side, by key below the prefix.</summary>
    SortedDictionary<string, StoredObjectState> Bucket();
}

/// <summary>Compares a bucket with what the model says.</summary>
internal static class BucketComparison
{
    private const uint PermissionBits = 0xFFF;

    public static string? Differs(SortedDictionary<string, StoredObjectState> found, SortedDictionary<string, ExpectedObject> expected)
    {
        if (!found.Keys.SequenceEqual(expected.Keys))
            return $"keys [{string.Join(", ", found.Keys)}], expected [{string.Join(", ", expected.Keys)}]";
        foreach (var (key, wanted) in expected)
        {
            if (Outcome.BytesDiffer(found[key].Bytes, wanted.Bytes) is { } where) return $"{key}: {where}";
            if (wanted.Mode is { } mode && (!uint.TryParse(Metadata("mode"), out var stored) || (stored & PermissionBits) != mode))
                return $"{key}: metadata says mode \"{Metadata("mode")}\", expected {mode} below its type";
            if (wanted.ModifyTime is { } time && Metadata("mtime") is var text && Nanoseconds(text) != time)
                return $"{key}: metadata says mtime \"{text}\", expected {time} nanoseconds";

            string Metadata(string name) => found[key].Metadata.GetValueOrDefault(name, "");
        }

        return null;
    }

    // "seconds.nanoseconds", the nanoseconds always counted forwards.
    private static long? Nanoseconds(string text) =>
        text.Split('.') is [var seconds, { Length: 9 } rest] && long.TryParse(seconds, out var whole) && long.TryParse(rest, out var part)
            ? (whole * 1_000_000_000) + part
            : null;
}
