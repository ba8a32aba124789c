using Microsoft.Data.Sqlite;
using SyncAgent.TestKit;

namespace SyncAgent.Journal.Tests;

/// <summary>
/// The journal is a format. journal.v1.db was written by the first version and is never made anew: a change that cannot open it
/// needs a migration.
/// </summary>
public sealed class FixtureTests
{
    private const string Name = "journal.v1.db";

    [Fact]
    public void A_journal_of_version_1_is_read_and_written()
    {
        var folder = Directory.CreateTempSubdirectory("syncagent-test-").FullName;
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Fixtures", Name), Path.Combine(folder, "journal.db"));
        try
        {
            using var drive = new TestDrive(new ManualTimeProvider(), folder);
            Assert.Equal(("bucket", "p/"), (drive.Row.Bucket, drive.Row.Prefix));
            Assert.Equal("0123456789abcdef", drive.Journal.GetValue("machine_id"));
            var directory = drive.Reader.Child(drive.Root, "docs")!;
            var file = drive.Reader.Child(directory.Id, "ünïcode 文.txt")!;
            Assert.Equal("docs/ünïcode 文.txt", drive.Reader.Path(file.Id));
            Assert.Equal((NodeType.File, 0x1A4u, 1000u, true), (file.Type, file.Mode, file.Uid, file.Pending));
            Assert.Equal(3_000_000, drive.Reader.Generation(file.Content!.Value)!.Size);
            var upload = Assert.Single(drive.Reader.UploadsOf(file.Id));
            Assert.True(upload.Intact);
            Assert.Equal(("id-1", UploadPhase.Active, 1L << 20), (upload.UploadId, upload.Phase, upload.PartSize));
            var part = Assert.Single(drive.Reader.Parts(upload.Id));
            Assert.Equal(new PartRow(upload.Id, 2, 1 << 20, 1 << 20, 0xFEDCBA9876543210, "etag-2", true), part);
            Assert.Equal("target", drive.Reader.Child(drive.Root, "link")!.Target);
            Assert.Equal("p/gone", Assert.Single(drive.Reader.DoomedBelow(drive.Row.Id, "p/")).Key);
            Assert.Equal(Proof.Crc64, Assert.Single(drive.Reader.Receipts(drive.Row.Id, "p/done", 5)).Remote.Proof);

            var happened = Assert.Single(drive.Reader.History("done", null, 5)); // told by the receipts
            Assert.Equal((HistoryKind.Uploaded, "p/done", 1L), (happened.What, happened.Key, happened.Size));

            var due = drive.Reader.DueNodes(drive.Row.Id, long.MaxValue, drive.Journal.DurableSequence, 1 << 20, large: true, 10);
            Assert.Equal([file.Id], due.Select(node => node.Id));

            var id = drive.MakeFile("new", [1, 2, 3]);
            Assert.True(id > file.Id);
            drive.Rename(file.Id, "renamed", drive.Root);
            Assert.Equal(file.Id, drive.Reader.NodeAtPath(drive.Root, "renamed")!.Id);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>How the fixture was made. Run by hand, for a new version under a new name.</summary>
    [Fact(Explicit = true)]
    public void Make_the_fixture()
    {
        using var drive = new TestDrive(new ManualTimeProvider(), prefix: "p/");
        drive.Journal.SetValue("machine_id", "0123456789abcdef");
        var directory = drive.MakeDirectory("docs");
        var file = drive.MakeFile("ünïcode 文.txt", new byte[3_000_000], directory);
        drive.MakeLink("link", "target");
        var content = drive.Reader.Node(file)!.Content!.Value;
        var upload = new UploadRow(drive.Journal.NewId(), drive.Row.Id, file, content, "p/docs/ünïcode 文.txt", null, 1 << 20, 3_000_000, UploadPhase.Intent, 5, true);
        var (gone, done) = (drive.MakeFile("gone", [1]), drive.MakeFile("done", [2]));
        drive.Change(writer =>
        {
            writer.AddUpload(upload);
            writer.ActivateUpload(upload with { UploadId = "id-1", Phase = UploadPhase.Active });
            writer.PutPart(new PartRow(upload.Id, 2, 1 << 20, 1 << 20, 0xFEDCBA9876543210, "etag-2", true));
            foreach (var (node, key) in new[] { (gone, "p/gone"), (done, "p/done") })
            {
                var remote = new RemoteState(key, "etag", "version", 0xFEDCBA9876543210, 1, 1_700_000_000_000_000_000, 1, 2, Proof.Crc64);
                writer.ConfirmRemote(drive.Row.Id, node, remote, new Receipt(drive.Row.Id, node, 1, remote, 7), 0);
            }
        });
        drive.Remove(gone);
        var path = Path.Combine(Environment.GetEnvironmentVariable("FIXTURE_FOLDER") ?? AppContext.BaseDirectory, Name);
        using var connection = new SqliteConnection($"Data Source={Path.Combine(drive.Folder, "journal.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $path"; // one file, the WAL folded in
        command.Parameters.AddWithValue("$path", path);
        command.ExecuteNonQuery();
    }
}
