using SyncAgent.Journal;

namespace SyncAgent.Fs.Core.Tests;

/// <summary>A journal that is lost or damaged is made anew from the staged files: whatever they hold is in the drive again, or in
/// lost+found, and nothing is published that was not closed.</summary>
public sealed class RebuildTests
{
    private static readonly byte[] Large = Bytes(1 << 20, 1);
    private static readonly byte[] Small = Bytes(5000, 2);

    public static TheoryData<string> Damages => [.. Harm.Keys];

    private static readonly Dictionary<string, Action<string>> Harm = new(StringComparer.Ordinal)
    {
        ["missing"] = state => Each(state, File.Delete),
        ["empty"] = state => Each(state, file => File.WriteAllBytes(file, [])),
        ["zeroed"] = state => Each(state, file => File.WriteAllBytes(file, new byte[new FileInfo(file).Length])),
        ["text"] = state => Each(state, file => File.WriteAllText(file, "this was a journal once\n")),
        ["random"] = state => Each(state, file => File.WriteAllBytes(file, Bytes((int)new FileInfo(file).Length, 3))),
        ["cut at a page"] = state => Each(state, file =>
        {
            if (!file.EndsWith("journal.db", StringComparison.Ordinal)) File.Delete(file);
            else using (var cut = File.OpenWrite(file)) cut.SetLength(8192);
        }),
        ["cut in a page"] = state => Each(state, file =>
        {
            if (!file.EndsWith("journal.db", StringComparison.Ordinal)) File.Delete(file);
            else using (var cut = File.OpenWrite(file)) cut.SetLength((cut.Length / 2) + 77);
        }),
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_journal_is_set_aside_and_every_staged_file_is_back(string damage)
    {
        await using var before = await FilledAsync();
        Checkpoint(before.Folder);
        await using var drive = before.AfterKill(Harm[damage]);

        Assert.True(drive.Recovery.Rebuilt);
        Assert.Equal(damage != "missing", Directory.EnumerateFiles(drive.Folder, "journal.db.damaged-*").Any());
        await ExpectAllAsync(drive);
        Assert.Empty(drive.Lost.List());
        await drive.PublishAsync();
        Assert.Equal(Small, drive.Bucket.Bytes("p/new/folder/small"));
        Assert.Null(drive.Bucket.Bytes("p/old/folder/small"));
        Assert.Equal(Changed(Large), drive.Bucket.Bytes("p/local"));
        Assert.Equal(Changed(Large), drive.Bucket.Bytes("p/remote"));
        Assert.Null(drive.Bucket.Bytes("p/half"));

        // An ordinary end and start later everything still is.
        await drive.RestartAsync();
        Assert.False(drive.Recovery.Rebuilt);
        await ExpectAllAsync(drive);
        await drive.SaveAsync("new file", Small);
        Assert.Equal(Small, await drive.LoadAsync("new file"));
    }

    [Fact]
    public async Task Until_everything_is_checked_the_drive_is_read_only_and_who_opens_waits_for_his_file()
    {
        await using var before = new TestDrive();
        await before.SaveAsync("f", Small);
        await using var drive = before.AfterKill(Harm["missing"], leavesAuditToTest: true);

        var opening = drive.OpenAsync("f", OpenFlags.Read);
        Assert.False(opening.IsCompleted);
        Assert.Equal(FsErrorKind.ReadOnly, (await drive.MakeDirectoryAsync("d"))?.Kind);
        Assert.Contains("made anew", drive.Journal.Writes.Reason, StringComparison.Ordinal);

        drive.Audit.Run(everything: true, TestContext.Current.CancellationToken);
        Assert.Equal(Small, await drive.ReadAsync(await opening, 0, Small.Length + 1));
        Assert.Null(await drive.MakeDirectoryAsync("d"));
        Assert.Null(drive.Journal.Writes.Reason);
    }

    [Fact]
    public async Task A_content_whose_bytes_are_not_those_of_its_mark_is_incomplete_and_the_one_before_counts()
    {
        await using var before = new TestDrive();
        await before.SaveAsync("f", Small);
        await before.SaveAsync("f", Large);
        var staging = before.Rows.Generation((await before.RowAsync("f")).Content!.Value)!.Staging;
        await using var drive = before.AfterKill(state =>
        {
            Harm["zeroed"](state);
            using var file = File.OpenWrite(Path.Combine(state, "staging", staging));
            file.Position = 77_777;
            file.WriteByte((byte)~Large[77_777]);
        }, boot: "second");

        await drive.PublishAsync();
        Assert.Equal(Small, drive.Bucket.Bytes("p/f"));
        Assert.Equal(GenerationState.Incomplete, drive.Rows.Generation((await drive.RowAsync("f")).Open!.Value)!.State);
        Assert.Equal(Large.Length, (await drive.NodeAsync("f")).Size); // its bytes are kept and readable
    }

    [Fact]
    public async Task After_a_reboot_what_has_no_checksum_waits_for_its_user()
    {
        await using var before = await FilledAsync();
        await using var drive = before.AfterKill(Harm["missing"], boot: "second");
        await drive.PublishAsync();
        Assert.Equal(Small, drive.Bucket.Bytes("p/new/folder/small"));
        Assert.Equal(Large, drive.Bucket.Bytes("p/remote")); // not the change, which nothing can prove
        foreach (var name in (string[])["local", "remote", "half"]) Assert.NotNull((await drive.RowAsync(name)).Open);
        Assert.Equal(Changed(Large), await drive.LoadAsync("local"));
        Assert.Equal(Changed(Large), await drive.LoadAsync("remote"));
    }

    [Fact]
    public async Task A_kill_in_the_middle_of_the_rebuild_begins_it_again()
    {
        await using var before = await FilledAsync();
        await using var drive = before.AfterKill(state =>
        {
            JournalDamage.Note(state, "noted before the kill");
            Each(state, File.Delete);
            File.WriteAllBytes(Path.Combine(state, "journal.db"), new byte[100]); // as far as it came
        });
        Assert.True(drive.Recovery.Rebuilt);
        Assert.Null(JournalDamage.Noted(drive.Folder));
        await ExpectAllAsync(drive);

        await using var again = drive.AfterKill(_ => { });
        Assert.False(again.Recovery.Rebuilt);
        await ExpectAllAsync(again);
    }

    [Fact]
    public async Task A_kill_before_the_checks_ended_leaves_the_drive_read_only_until_they_do()
    {
        await using var before = await FilledAsync();
        await using var unchecked1 = before.AfterKill(Harm["missing"], leavesAuditToTest: true);
        await using var drive = unchecked1.AfterKill(_ => { }, leavesAuditToTest: true);
        Assert.True(drive.Recovery.Rebuilt);
        Assert.True(drive.Journal.Writes.IsClosed);
        drive.Audit.Run(everything: true, TestContext.Current.CancellationToken);
        Assert.False(drive.Journal.Writes.IsClosed);
        await ExpectAllAsync(drive);
    }

    [Fact]
    public async Task What_does_not_say_whose_it_is_goes_to_lost_and_found_and_is_not_overwritten()
    {
        await using var before = new TestDrive();
        await before.SaveAsync("f", Small);
        await using var drive = before.AfterKill(state =>
        {
            Harm["missing"](state);
            File.WriteAllBytes(Path.Combine(state, "staging", "unmarked"), Large);
        });
        Assert.Equal(Small, await drive.LoadAsync("f"));
        var lost = Assert.Single(drive.Lost.List());
        Assert.Equal(Large, await File.ReadAllBytesAsync(lost.File, TestContext.Current.CancellationToken));
        Assert.Equal(1, drive.Recovery.Lost);
    }

    [Fact]
    public async Task Of_two_files_that_claim_one_name_the_newer_has_it_and_the_other_is_kept()
    {
        await using var before = new TestDrive();
        await before.SaveAsync("f", Large);
        var (former, folder) = ((await before.RowAsync("f")).Content!.Value, before.Folder);
        var staging = before.Rows.Generation(former)!.Staging;
        var kept = Path.Combine(folder, "kept");
        using (var copy = System.Diagnostics.Process.Start("cp", ["-a", "--", Path.Combine(folder, "staging", staging), kept])) copy.WaitForExit();
        Assert.Null(await before.UnlinkAsync("f"));
        await before.SaveAsync("f", Small);
        await before.Groups.FlushAsync(TestContext.Current.CancellationToken);
        await using var drive = before.AfterKill(state =>
        {
            Harm["missing"](state);
            File.Move(Path.Combine(state, "kept"), Path.Combine(state, "staging", staging)); // its deletion did not survive
        });
        Assert.Equal(Small, await drive.LoadAsync("f"));
        var lost = Assert.Single(drive.Lost.List());
        Assert.Equal(("f", Large.Length), (lost.OriginalPath, lost.Bytes));
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(0.6)]
    [InlineData(0.9)]
    public async Task What_a_damaged_log_has_forgotten_is_found_again_in_staging(double where)
    {
        await using var before = await FilledAsync();
        var wal = new FileInfo(Path.Combine(before.Folder, "journal.db-wal")).Length;
        await using var drive = before.AfterKill(state =>
        {
            using var file = File.OpenWrite(Path.Combine(state, "journal.db-wal"));
            file.Position = (long)(wal * where);
            file.Write(new byte[512]);
        });
        await ExpectAccountedAsync(drive);
    }

    [Fact]
    public async Task After_an_end_in_good_order_nothing_is_looked_at()
    {
        await using var before = await FilledAsync();
        await before.Groups.FlushAsync(TestContext.Current.CancellationToken);
        JournalRecovery.NoteCleanEnd(before.Journal);
        await using var clean = before.AfterKill(_ => { });
        Assert.False(clean.Recovery.Unclean);
        await using var unclean = clean.AfterKill(_ => { });
        Assert.True(unclean.Recovery.Unclean);
    }

    [Fact]
    public async Task A_local_copy_that_was_damaged_is_read_from_the_bucket_again_and_a_missing_one_that_was_not_sent_is_named()
    {
        await using var before = new TestDrive();
        await before.SaveAsync("synced", Large);
        await before.SaveAsync("gone", Small);
        await before.PublishAsync();
        await before.SaveAsync("pending", Small);
        await before.Groups.FlushAsync(TestContext.Current.CancellationToken);
        var (synced, gone, pending) = (await StagingOf(before, "synced"), await StagingOf(before, "gone"), await StagingOf(before, "pending"));
        await using var drive = before.AfterKill(state =>
        {
            using (var file = File.OpenWrite(Path.Combine(state, "staging", synced))) file.WriteByte((byte)~Large[0]);
            File.Delete(Path.Combine(state, "staging", gone));
            File.Delete(Path.Combine(state, "staging", pending));
        });
        drive.Audit.Run(everything: true, TestContext.Current.CancellationToken);
        Assert.Equal(Large, await drive.LoadAsync("synced"));
        Assert.Equal(Small, await drive.LoadAsync("gone"));
        Assert.Equal("synced", Assert.Single(drive.Lost.List()).OriginalPath);
        var row = await drive.RowAsync("pending");
        Assert.Equal(Problem.Failed, row.Problem);
        Assert.Contains("it is missing", row.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whatever_bytes_of_the_journal_change_no_file_has_bytes_that_were_never_its_own()
    {
        const int Seeds = 30;
        await using var before = await FilledAsync();
        Checkpoint(before.Folder);
        byte[][] contents = [Large, Changed(Large), Small, []];
        var rebuilt = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            await using var drive = before.AfterKill(state =>
            {
                File.Delete(Path.Combine(state, "journal.db-wal"));
                File.Delete(Path.Combine(state, "journal.db-shm"));
                using var file = new FileStream(Path.Combine(state, "journal.db"), FileMode.Open);
                for (var i = 0; i < 1 + (seed % 8); i++)
                {
                    file.Position = random.NextInt64(file.Length);
                    var value = file.ReadByte();
                    file.Position--;
                    file.WriteByte((byte)(value ^ (1 << random.Next(8))));
                }
            });
            if (drive.Recovery.Rebuilt) rebuilt++;
            foreach (var bytes in await ReadableAsync(drive))
                Assert.True(contents.Any(known => bytes.AsSpan().SequenceEqual(known)), $"seed {seed}: {bytes.Length} bytes that nobody has written");
        }

        Assert.InRange(rebuilt, 1, Seeds);
    }

    // What cannot be read is an error of the one who reads, and of nobody else.
    private static async Task<List<byte[]>> ReadableAsync(TestDrive drive)
    {
        var found = new List<byte[]>();
        foreach (var name in await drive.NamesAsync(""))
        {
            if (drive.Rows.Child(drive.Drive.Root, name) is not { Type: NodeType.File } row) continue;
            var opened = await drive.Files.OpenAsync(drive.Context, new NodeId(row.Id), OpenFlags.Read);
            if (opened.Error is not null) continue;
            var buffer = new byte[(2 * Large.Length) + 1];
            var read = await drive.Files.ReadAsync(drive.Context, opened.Value.Handle, 0, buffer);
            drive.Files.Released(opened.Value.Handle);
            if (read.Error is null && row.Size == read.Value) found.Add(buffer[..read.Value]);
        }

        return found;
    }

    /// <summary>Everything that staging may hold: closed, changed over a local and over a remote base, in a renamed folder, open.</summary>
    private static async Task<TestDrive> FilledAsync()
    {
        var drive = new TestDrive();
        drive.Bucket.Put("p/remote", Large);
        drive.Bucket.Put("p/other", Small);
        await drive.NamesAsync("");
        await drive.SaveAsync("synced", Small);
        await drive.SaveAsync("local", Large);
        await drive.PublishAsync();
        await drive.MakeDirectoryAsync("old");
        await drive.MakeDirectoryAsync("old/folder");
        await drive.SaveAsync("old/folder/small", Small);
        await drive.SaveAsync("empty", []);
        foreach (var name in (string[])["local", "remote"])
        {
            var handle = await drive.OpenAsync(name);
            await drive.WriteAsync(handle, 1000, Bytes(5000, 9));
            await drive.CloseAsync(handle);
        }

        await drive.WriteAsync(await drive.CreateAsync("half"), 0, Small);
        Assert.Null(await drive.RenameAsync("old", "new"));
        await drive.Files.MarksMoved;
        return drive;
    }

    private static async Task ExpectAllAsync(TestDrive drive)
    {
        Assert.Equal(["empty", "half", "local", "new", "other", "remote", "synced"], await drive.NamesAsync(""));
        Assert.Equal(Small, await drive.LoadAsync("new/folder/small"));
        Assert.Equal(Small, await drive.LoadAsync("synced"));
        Assert.Equal(Small, await drive.LoadAsync("other"));
        Assert.Equal(Small, await drive.LoadAsync("half"));
        Assert.Equal(Changed(Large), await drive.LoadAsync("local"));
        Assert.Equal(Changed(Large), await drive.LoadAsync("remote"));
        Assert.Empty(await drive.LoadAsync("empty"));
        Assert.NotNull((await drive.RowAsync("half")).Open);
    }

    // Where rows were forgotten, a content may have gone to lost+found; but each is somewhere.
    private static async Task ExpectAccountedAsync(TestDrive drive)
    {
        var found = new List<byte[]>();
        foreach (var path in (string[])["new/folder/small", "old/folder/small", "half", "local", "remote", "synced", "empty"])
        {
            if (await drive.LookupErrorPathAsync(path) is null) found.Add(await drive.LoadAsync(path));
        }

        found.AddRange(drive.Lost.List().Select(lost => File.ReadAllBytes(lost.File)));
        foreach (var content in (byte[][])[Small, Changed(Large)]) Assert.Contains(found, bytes => bytes.AsSpan().SequenceEqual(content));
        Assert.True(found.Count(bytes => bytes.AsSpan().SequenceEqual(Small)) >= 2, "one of the small files is nowhere");
    }

    private static async Task<string> StagingOf(TestDrive drive, string path) =>
        drive.Rows.Generation((await drive.RowAsync(path)).Content!.Value)!.Staging;

    private static byte[] Changed(byte[] bytes)
    {
        var changed = bytes.ToArray();
        Bytes(5000, 9).CopyTo(changed, 1000);
        return changed;
    }

    private static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    // So that there is something in journal.db itself to be damaged.
    private static void Checkpoint(string state)
    {
        using var sqlite = System.Diagnostics.Process.Start("sqlite3", [Path.Combine(state, "journal.db"), "PRAGMA wal_checkpoint(PASSIVE);"]);
        sqlite.WaitForExit();
    }

    private static void Each(string state, Action<string> harm)
    {
        foreach (var file in Directory.EnumerateFiles(state, "journal.db*").ToList()) harm(file);
    }
}
