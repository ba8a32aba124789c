using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;

namespace SyncAgent.Transfer.Tests;

/// <summary>How objects of a drive are stored: the user's rules, the drive's own metadata, and what others have set.</summary>
public sealed class StoredFormTests
{
    private static readonly ObjectOptions Wanted = new()
    {
        ContentType = "text/rule", CacheControl = "no-store", Acl = "private", StorageClass = "IA", Tags = new Dictionary<string, string> { ["a"] = "b" },
        Metadata = new Dictionary<string, string> { ["owner"] = "rule" }, Encryption = new ServerSideEncryption("KMS", "key"),
        Callback = new UploadCallback("http://127.0.0.1/", "b"),
    };

    private readonly List<string> _asked = [];
    private readonly StoredForm _form;

    public StoredFormTests() => _form = new StoredForm("p/", key =>
    {
        _asked.Add(key);
        return Wanted;
    });

    [Fact]
    public void A_file_gets_all_that_the_rules_say_and_the_drives_own_metadata()
    {
        var form = _form.Of(Target(NodeType.File));
        Assert.Equal(Wanted with { Metadata = form.Metadata }, form);
        Assert.Equal([("mode", "1"), ("owner", "rule")], form.Metadata.Select(pair => (pair.Key, pair.Value)).Order());
        Assert.Equal(["dir/file"], _asked);
    }

    [Fact]
    public void A_folder_gets_no_more_than_access_and_encryption()
    {
        var form = _form.Of(Target(NodeType.Directory), "application/x-directory");
        Assert.Equal(
            new ObjectOptions { ContentType = "application/x-directory", Acl = "private", Encryption = Wanted.Encryption, Metadata = form.Metadata, Tags = form.Tags },
            form);
        Assert.Empty(form.Tags);
    }

    [Fact]
    public void A_copy_keeps_what_others_set_and_calls_nobody()
    {
        var plain = new StoredForm("p/", static _ => ObjectOptions.None);
        var source = new ObjectInfo(
            "p/old", 1, "E", default, null, null, "Archive", "image/x", new Dictionary<string, string> { ["artist"] = "x", ["mode"] = "old" })
        {
            CacheControl = "max-age=1", ContentDisposition = "inline", ContentEncoding = "gzip",
        };
        var form = plain.OfCopy(Target(NodeType.File), source);
        Assert.Equal(("image/x", "max-age=1", "inline", "gzip", "Archive"), (form.ContentType, form.CacheControl, form.ContentDisposition, form.ContentEncoding, form.StorageClass));
        Assert.Equal([("artist", "x"), ("mode", "1")], form.Metadata.Select(pair => (pair.Key, pair.Value)).Order());

        var ruled = _form.OfCopy(Target(NodeType.File), source);
        Assert.Equal(("image/x", "no-store", "IA"), (ruled.ContentType, ruled.CacheControl, ruled.StorageClass)); // the type of somebody else's object stays
        Assert.Null(ruled.Callback);
    }

    [Fact]
    public void A_copy_of_our_own_object_gets_the_type_of_its_new_name()
    {
        var source = new ObjectInfo("p/old", 1, "E", default, null, null, null, "image/x", new Dictionary<string, string> { ["syncagent-node"] = "m-1" });
        Assert.Equal("text/rule", _form.OfCopy(Target(NodeType.File), source).ContentType);
    }

    private static SendTarget Target(NodeType type) => new(
        new NodeRow { Id = 1, Drive = 1, Parent = 1, Name = "file", Type = type }, "p/dir/file", new Expectation(null), null, 1, 1,
        new Dictionary<string, string> { ["mode"] = "1" });
}
