namespace SyncAgent.Model.Tests.Operations;

/// <summary>What a call returned: an error number, 0 for none, and what came with success.</summary>
internal sealed record Outcome(int Errno, string Text = "", byte[]? Bytes = null, NodeStatus? Status = null)
{
    public static readonly Outcome Done = new(0);

    /// <summary>Null when a call returned what was expected, else how it differs.</summary>
    public string? DifferenceFrom(Outcome expected)
    {
        if (Errno != expected.Errno) return $"errno {Errno}, expected {expected.Errno} {expected.Text}";
        if (Errno != 0) return null;
        if (Text != expected.Text) return $"\"{Text}\", expected \"{expected.Text}\"";
        if (expected.Bytes is { } bytes && BytesDiffer(Bytes ?? [], bytes) is { } where) return where;
        if (expected.Status is { } status && !status.Allows(Status)) return $"{Status}, expected {status}";
        return null;
    }

    /// <summary>Null when bytes are the same, else where they differ first.</summary>
    public static string? BytesDiffer(byte[] found, byte[] expected)
    {
        var same = found.AsSpan().CommonPrefixLength(expected);
        return same == found.Length && same == expected.Length
            ? null
            : $"{found.Length} bytes, expected {expected.Length}; they differ from byte {same} on (found {At(found, same)}, expected {At(expected, same)})";
    }

    private static string At(byte[] bytes, int offset) => offset < bytes.Length ? Convert.ToHexString(bytes.AsSpan(offset, Math.Min(8, bytes.Length - offset))) : "the end";
}

/// <summary>What stat says, as far as it is the same everywhere.</summary>
/// <param name="Kind">"file", "directory", "link" or another type.</param>
/// <param name="Mode">Permission, set-id and sticky bits.</param>
/// <param name="Size">Bytes; 0 for directories.</param>
/// <param name="ModifyTime">Nanoseconds since 1970; null where the expectation does not know it.</param>
internal sealed record NodeStatus(string Kind, uint Mode, long Size, long? ModifyTime)
{
    public bool Allows(NodeStatus? found) => found is not null && (ModifyTime is null ? found with { ModifyTime = null } : found) == this;

    public override string ToString() => $"{Kind} {Convert.ToString(Mode, 8)} {Size} bytes, mtime {(ModifyTime is { } time ? time : "any")}";
}

/// <summary>Error numbers of Linux on x86-64 and arm64.</summary>
internal static class Errno
{
    public const int NotFound = 2;
    public const int BadHandle = 9;
    public const int Exists = 17;
    public const int NotDirectory = 20;
    public const int IsDirectory = 21;
    public const int Invalid = 22;
    public const int NotEmpty = 39;
    public const int LinkLoop = 40;
}

/// <summary>Whatever answers system calls: the model, a folder of the machine, a drive.</summary>
internal interface ICallable
{
    Outcome Answer(Call call);
}

/// <summary>Bytes that follow from a number.</summary>
internal static class Pattern
{
    public static byte[] Of(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
