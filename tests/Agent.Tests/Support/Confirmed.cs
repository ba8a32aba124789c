using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>Files that a bucket has confirmed, with their receipts.</summary>
internal static class Confirmed
{
    /// <summary>A file and its object. Returns its checksum.</summary>
    public static ulong Put(TestDrive drive, FakeObjectStore store, string key, byte[] bytes, bool knowsCrc = true)
    {
        var node = drive.Reader.NodeAtPath(drive.Root, key) is { } row ? row.Id : 0;
        if (node == 0) node = drive.MakeFile(key, bytes);
        else drive.Write(node, bytes);
        Receive(drive, node, store.PutForeign(key, bytes), knowsCrc);
        return Crc64.Compute(bytes);
    }

    /// <summary>Receipts of one byte each, whatever the bucket holds, of files at rest.</summary>
    public static void ReceiptsOnly(TestDrive drive, IEnumerable<(string Key, string ETag)> objects)
    {
        drive.Change(writer =>
        {
            foreach (var (key, etag) in objects)
            {
                var node = drive.Journal.NewId();
                var remote = new RemoteState(key, etag, null, null, 1, 0, null, 0, Proof.Crc64);
                writer.PutNode(drive.Node(node, drive.Root, key, NodeType.File) with { Pending = false });
                writer.ConfirmRemote(drive.Row.Id, node, remote, new Receipt(drive.Row.Id, node, null, remote, 0), 0);
            }
        });
        var rows = drive.Reader.Children(drive.Root);
        drive.Change(writer =>
        {
            foreach (var row in rows) writer.Settle(row.Id, row.Changed);
        });
    }

    /// <summary>The store has confirmed an object.</summary>
    public static void Receive(TestDrive drive, long node, FakeObject stored, bool knowsCrc = true)
    {
        var row = drive.Reader.Node(node)!;
        var remote = new RemoteState(
            drive.Reader.Path(node)!, stored.ETag, null, knowsCrc ? stored.Crc64 : null, stored.Bytes.Length, 0, row.Content, row.AttributeVersion, Proof.Crc64);
        drive.Change(writer =>
        {
            writer.ConfirmRemote(row.Drive, node, remote, new Receipt(row.Drive, node, row.Content, remote, 1_700_000_000_000), 0);
            writer.Settle(node, row.Changed);
        });
    }
}
