using System.Globalization;
using System.Text;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer.Tests;

/// <summary>The two files of a checkpoint, and what is left of them after damage.</summary>
public sealed class CheckpointFileTests : IDisposable
{
    private const string Location = "oss-cn-hangzhou.aliyuncs.com/b";
    private const string Key = "k/ä + 文.bin";
    private const string Source = "/data/file";
    private const long PartSize = 1 << 20;
    private const int PartCount = 3;

    private static readonly UploadRecord Upload = new(
        UploadRecord.CurrentVersion, Location, Key, Source, new FileStamp(PartCount * PartSize, 1_700_000_000_123_456_789, 1_700_000_001_123_456_789, 42),
        "0123456789abcdef", PartSize, "nonce", "upload-1", false, DateTimeOffset.UnixEpoch);

    // Thousands of files flushed to a disk would take minutes.
    private readonly DirectoryInfo _parent = Directory.Exists("/dev/shm")
        ? Directory.CreateDirectory($"/dev/shm/syncagent-checkpoint-{Guid.NewGuid():n}")
        : Directory.CreateTempSubdirectory("syncagent-checkpoint-");

    private string FolderPath => Path.Combine(_parent.FullName, "checkpoints");

    private string UploadFile => Directory.EnumerateFiles(FolderPath, "*.upload").Single();

    private string PartsFile => Directory.EnumerateFiles(FolderPath, "*.parts").Single();

    public void Dispose() => _parent.Delete(recursive: true);

    [Fact]
    public void What_was_written_is_read_back()
    {
        Write();
        using var file = Open();
        Assert.Equal(Upload, file.Upload);
        Assert.Equal(Enumerable.Range(1, PartCount).Select(Part), file.Parts);
        Assert.Equal([Upload], new CheckpointFolder(FolderPath).List());
    }

    [Fact]
    public void Of_two_records_of_a_part_the_later_one_counts()
    {
        Write();
        var again = Part(2) with { Crc = 77, ETag = "again" };
        using (var file = Open()) file.Record(again);
        using var read = Open();
        Assert.Equal([Part(1), again, Part(3)], read.Parts);
    }

    [Theory]
    [InlineData(".upload")]
    [InlineData(".parts")]
    public void Every_byte_may_be_damaged(string suffix)
    {
        Write();
        var (upload, parts) = (File.ReadAllBytes(UploadFile), File.ReadAllBytes(PartsFile));
        var whole = suffix == ".upload" ? upload : parts;
        var header = Array.IndexOf(parts, (byte)'\n');
        var lost = 0;
        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= (byte)(1 << (at % 8));
            Restore(upload, parts);
            File.WriteAllBytes(suffix == ".upload" ? UploadFile : PartsFile, damaged);
            Assert.Equal([Upload], new CheckpointFolder(FolderPath).List());
            using var file = Open();
            Assert.Equal(Upload, file.Upload);
            Assert.All(file.Parts, part => Assert.Equal(Part(part.Number), part));
            // A flipped line feed glues two lines together; anything else costs its own line at most.
            var most = suffix == ".upload" || at < header ? 0 : whole[at] == '\n' ? 2 : 1;
            Assert.InRange(PartCount - file.Parts.Count, 0, most);
            lost += PartCount - file.Parts.Count;
        }

        if (suffix == ".parts") Assert.True(lost > PartCount, "the damage was never noticed");
    }

    [Theory]
    [InlineData(".upload")]
    [InlineData(".parts")]
    public void Every_length_may_be_left_of_a_file(string suffix)
    {
        Write();
        var (upload, parts) = (File.ReadAllBytes(UploadFile), File.ReadAllBytes(PartsFile));
        var whole = suffix == ".upload" ? upload : parts;
        for (var length = 0; length < whole.Length; length++)
        {
            Restore(upload, parts);
            File.WriteAllBytes(suffix == ".upload" ? UploadFile : PartsFile, whole[..length]);
            Assert.Equal([Upload], new CheckpointFolder(FolderPath).List());
            using (var file = Open())
            {
                Assert.Equal(Upload, file.Upload);
                Assert.All(file.Parts, part => Assert.Equal(Part(part.Number), part));
                var complete = suffix == ".upload" ? PartCount : Math.Max(0, whole.Take(length).Count(b => b == '\n') - 1);
                Assert.InRange(file.Parts.Count, complete, Math.Min(complete + 1, PartCount)); // the last line may lack its line feed only
                file.Record(Part(2)); // is not glued to what is left
            }

            using var read = Open();
            Assert.Contains(Part(2), read.Parts);
            Assert.Equal(Upload, read.Upload);
        }
    }

    [Theory]
    [InlineData(".upload")]
    [InlineData(".parts")]
    public void A_lost_file_is_made_again_from_the_other(string suffix)
    {
        Write();
        File.Delete(Path.ChangeExtension(UploadFile, suffix));
        Assert.Equal([Upload], new CheckpointFolder(FolderPath).List());
        using (var file = Open()) Assert.Equal(suffix == ".parts" ? 0 : PartCount, file.Parts.Count);
        File.Delete(Path.ChangeExtension(UploadFile, suffix == ".parts" ? ".upload" : ".parts"));
        using var read = Open();
        Assert.Equal(Upload, read.Upload);
    }

    [Fact]
    public void With_both_files_damaged_there_is_no_upload()
    {
        Write();
        File.WriteAllText(UploadFile, "x");
        File.WriteAllText(PartsFile, "");
        using var file = Open();
        Assert.Null(file.Upload);
        Assert.Empty(file.Parts);
        Assert.Empty(new CheckpointFolder(FolderPath).List());
    }

    [Fact]
    public void Parts_of_another_upload_do_not_count()
    {
        Write();
        var old = File.ReadAllBytes(PartsFile);
        using (var file = Open()) file.Begin(Upload with { UploadId = "upload-2" });
        File.WriteAllBytes(PartsFile, old);
        using (var file = Open())
        {
            Assert.Equal("upload-2", file.Upload!.UploadId);
            Assert.Empty(file.Parts);
            file.Record(Part(1));
        }

        using var read = Open();
        Assert.Equal([Part(1)], read.Parts);
    }

    [Fact]
    public void A_newer_format_is_refused_whatever_it_looks_like()
    {
        Write();
        const string json = """{"version":9,"shape":"nobody knows"}""";
        var line = string.Create(CultureInfo.InvariantCulture, $"{Crc64.Compute(Encoding.UTF8.GetBytes(json)):x16} {json}\n");
        File.WriteAllText(UploadFile, line);
        var error = Assert.Throws<StoreException>(Open);
        Assert.Equal(StoreErrorKind.NotSupported, error.Kind);
        Assert.Contains("format 9", error.Message, StringComparison.Ordinal);
        Assert.Contains("Use the newer version", error.Message, StringComparison.Ordinal);
        Assert.Equal(line, File.ReadAllText(UploadFile)); // it is not ours to change
        Assert.Empty(new CheckpointFolder(FolderPath).List());
    }

    [Fact]
    public async Task Two_at_once_are_told_apart()
    {
        using (Open())
        {
            var error = Assert.Throws<StoreException>(Open);
            Assert.Equal(StoreErrorKind.Refused, error.Kind);
            Assert.Contains($"Another process is sending this file to {Key}", error.Message, StringComparison.Ordinal);
            var folder = new CheckpointFolder(FolderPath);
            await Assert.ThrowsAsync<StoreException>(() => folder.ForgetAsync(Upload, () => throw new InvalidOperationException("not to be called")));
            Assert.False(folder.TryForgetDoubt(Upload with { UploadId = null }));
            using var other = new CheckpointFolder(FolderPath).Open(Location, "another key", Source);
        }

        Open().Dispose();
        Assert.Empty(Directory.EnumerateFiles(FolderPath));
    }

    [Fact]
    public async Task A_lock_is_never_held_by_two()
    {
        // Owners come and go, and take the lock's file with them: that must not let two in.
        var inside = 0;
        var most = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), new ParallelOptions { MaxDegreeOfParallelism = 4 }, (_, _) =>
        {
            try
            {
                using var file = Open();
                var now = Interlocked.Increment(ref inside);
                if (now > 1) Volatile.Write(ref most, now);
                Interlocked.Decrement(ref inside);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.Refused)
            {
                // taken
            }

            return ValueTask.CompletedTask;
        });
        Assert.Equal(0, most);
    }

    [Fact]
    public void An_end_keeps_only_that_a_reply_was_lost()
    {
        Write();
        using (var file = Open())
        {
            file.Begin(Upload with { Lost = true });
            file.Record(Part(1));
            file.End();
            Assert.Equal(Upload with { Lost = true, UploadId = null }, file.Upload);
            Assert.Empty(file.Parts);
        }

        Assert.Empty(Directory.EnumerateFiles(FolderPath, "*.parts"));
        using (var file = Open())
        {
            Assert.Equal(Upload with { Lost = true, UploadId = null }, file.Upload);
            file.Begin(Upload);
            file.End();
        }

        Assert.Empty(Directory.EnumerateFiles(FolderPath));
    }

    [Fact]
    public async Task Forgetting_removes_everything_once_the_store_has_aborted()
    {
        Write();
        var folder = new CheckpointFolder(FolderPath);
        await folder.ForgetAsync(Upload, () =>
        {
            Assert.Equal([Upload], folder.List());
            Assert.Equal(StoreErrorKind.Refused, Assert.Throws<StoreException>(Open).Kind);
            return Task.CompletedTask;
        });
        Assert.Empty(Directory.EnumerateFiles(FolderPath));
    }

    [Fact]
    public async Task An_abort_that_fails_forgets_nothing()
    {
        Write();
        var folder = new CheckpointFolder(FolderPath);
        var refused = new StoreException(StoreErrorKind.AccessDenied, "no");
        Assert.Same(refused, await Assert.ThrowsAsync<StoreException>(() => folder.ForgetAsync(Upload, () => throw refused)));
        using var file = Open();
        Assert.Equal(Upload, file.Upload);
        Assert.Equal(PartCount, file.Parts.Count);
    }

    [Fact]
    public async Task What_was_begun_since_is_not_forgotten()
    {
        Write();
        var folder = new CheckpointFolder(FolderPath);
        var later = Upload with { UploadId = "upload-2" };
        using (var file = Open()) file.Begin(later);
        await folder.ForgetAsync(Upload, () => Task.CompletedTask);
        Assert.Equal([later], folder.List());
    }

    [Fact]
    public async Task A_lost_reply_outlives_the_abort_of_another_upload()
    {
        var lost = Upload with { Lost = true };
        using (var file = Open()) file.Begin(lost);
        var folder = new CheckpointFolder(FolderPath);
        await folder.ForgetAsync(lost, () => Task.CompletedTask);
        Assert.Equal([lost with { UploadId = null }], folder.List());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // killed between the request and its reply
    public void Doubt_ends_when_it_is_settled_and_nothing_was_sent_since(bool lost)
    {
        var doubtful = Upload with { UploadId = null, Lost = lost };
        using (var file = Open()) file.Begin(doubtful);
        var folder = new CheckpointFolder(FolderPath);
        Assert.Throws<ArgumentException>(() => folder.TryForgetDoubt(Upload));
        Assert.False(folder.TryForgetDoubt(doubtful with { Nonce = "of an earlier attempt" }));
        Assert.Equal([doubtful], folder.List());
        Assert.True(folder.TryForgetDoubt(doubtful));
        Assert.Empty(Directory.EnumerateFiles(FolderPath));
    }

    [Fact]
    public void Nobody_else_may_look()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes are Unix's");
        if (OperatingSystem.IsWindows()) return;
        Write();
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = Open();
        Assert.Equal(mine | UnixFileMode.UserExecute, File.GetUnixFileMode(FolderPath));
        Assert.Equal(3, Directory.GetFiles(FolderPath).Length);
        foreach (var path in Directory.EnumerateFiles(FolderPath)) Assert.Equal(mine, File.GetUnixFileMode(path));
    }

    private static PartRow Part(int number) => new(0, number, (number - 1) * PartSize, PartSize, 0x00AB_CDEF_0000_0000UL + (ulong)number, $"\"etag-{number}\"", true);

    private CheckpointFile Open() => new CheckpointFolder(FolderPath).Open(Location, Key, Source);

    private void Write()
    {
        using var file = Open();
        file.Begin(Upload with { UploadId = null });
        file.Begin(Upload);
        for (var number = 1; number <= PartCount; number++) file.Record(Part(number));
    }

    private void Restore(byte[] upload, byte[] parts)
    {
        File.WriteAllBytes(UploadFile, upload);
        File.WriteAllBytes(PartsFile, parts);
    }
}
