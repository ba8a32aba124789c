namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>A rig whose agent was killed in the middle of a multipart upload of <c>file.bin</c>; the source is <c>source/file.bin</c>.</summary>
internal static class Interrupted
{
    public const string Name = "file.bin";
    public const long Size = 20 << 20;

    /// <summary>Parts of a file of this size are planned as small as they come.</summary>
    public const int PartSize = 1 << 20;

    public const int PartCount = (int)(Size / PartSize);

    private const long Limit = 6 << 20;
    private const int PartsBeforeKill = 5;

    /// <summary>Uploads, and kills the agent once some parts have arrived. Returns the requests until then.</summary>
    public static async Task<IReadOnlyList<StoreRequest>> UploadAsync(Rig rig, int seed)
    {
        rig.MakeFile($"source/{Name}", Size, seed);
        await rig.Store.LimitAsync(Limit);
        await rig.ShAsync($"""cp source/{Name} "$DRIVE"/""");
        await rig.Store.PartsArrivedAsync(PartsBeforeKill * PartSize);
        await rig.KillAgentAsync();
        var log = await rig.Store.QuietLogAsync();
        await rig.Store.ClearFaultsAsync();
        return log;
    }

    /// <summary>Runs a statement on the journal of the killed agent.</summary>
    public static async Task DamageJournalAsync(Rig rig, string statement)
    {
        Places.SkipUnlessInstalled("sqlite3");
        var changed = await rig.ShAsync($"sqlite3 state/journal.db \"{statement}; select changes()\"");
        Assert.NotEqual("0", changed);
    }

    /// <summary>Flips one bit in the staged bytes of the file.</summary>
    public static void DamageStaging(Rig rig, long position)
    {
        var staged = Directory.EnumerateFiles(Path.Combine(rig.State, "staging"), "*", SearchOption.AllDirectories).Single(file => new FileInfo(file).Length == Size);
        using var file = new FileStream(staged, FileMode.Open);
        file.Position = position;
        var value = file.ReadByte();
        file.Position = position;
        file.WriteByte((byte)(value ^ 1));
    }
}
