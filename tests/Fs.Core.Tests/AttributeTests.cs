namespace SyncAgent.Fs.Core.Tests;

/// <summary>Attributes, plain and extended, and nodes that are nothing else.</summary>
public sealed class AttributeTests
{
    [Fact]
    public async Task Extended_attributes_are_kept_in_the_form_that_s3fs_writes()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("f", [1]);
        await drive.PublishAsync();
        var node = (await drive.NodeAsync("f")).Id;
        var before = drive.Rows.Node(node.Value)!;
        Assert.Null(await SetAsync(drive, node, "user.name", "value"u8.ToArray()));
        Assert.Null(await SetAsync(drive, node, "security.x", [0, 255]));
        drive.KillAndRestart();
        var row = drive.Rows.Node(node.Value)!;
        Assert.Equal("%7B%22security.x%22%3A%22AP8%3D%22%2C%22user.name%22%3A%22dmFsdWU%3D%22%7D", row.ExtendedAttributes);
        Assert.Equal((before.AttributeVersion + 2, true), (row.AttributeVersion, row.Pending));
        Assert.True((await drive.NodeAsync("f")).ChangeTime > before.ChangeTime);
        Assert.Equal("value"u8.ToArray(), (await drive.Files.GetExtendedAttributeAsync(drive.Context, node, "user.name")).Value);
        Assert.Equal(["security.x", "user.name"], (await drive.Files.ListExtendedAttributesAsync(drive.Context, node)).Value);
        Assert.Null((await drive.Files.RemoveExtendedAttributeAsync(drive.Context, node, "user.name")).Error);
        Assert.Null((await drive.Files.RemoveExtendedAttributeAsync(drive.Context, node, "security.x")).Error);
        Assert.Null(drive.Rows.Node(node.Value)!.ExtendedAttributes);
    }

    [Theory]
    [InlineData("user.there", ExtendedAttributeMode.Create, 1, FsErrorKind.Exists)]
    [InlineData("user.new", ExtendedAttributeMode.Replace, 1, FsErrorKind.NoAttribute)]
    [InlineData("user.new", ExtendedAttributeMode.Create, 1, null)]
    [InlineData("user.there", ExtendedAttributeMode.Replace, 1, null)]
    [InlineData("user.new", ExtendedAttributeMode.CreateOrReplace, 1000, FsErrorKind.NoSpace)]
    [InlineData("user.", ExtendedAttributeMode.CreateOrReplace, 1, FsErrorKind.InvalidArgument)]
    [InlineData("system.posix_acl_access", ExtendedAttributeMode.CreateOrReplace, 1, FsErrorKind.NotSupported)]
    [InlineData("other.name", ExtendedAttributeMode.CreateOrReplace, 1, FsErrorKind.NotSupported)]
    [InlineData("user.syncagent.state", ExtendedAttributeMode.CreateOrReplace, 1, FsErrorKind.NotPermitted)]
    public async Task An_extended_attribute_is_set_or_refused_as_on_a_local_disk(string name, ExtendedAttributeMode mode, int length, FsErrorKind? expected)
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("f", [1]);
        var node = (await drive.NodeAsync("f")).Id;
        Assert.Null(await SetAsync(drive, node, "user.there", [1]));
        Assert.Equal(expected, (await SetAsync(drive, node, name, new byte[length], mode))?.Kind);
        var found = await drive.Files.ListExtendedAttributesAsync(drive.Context, node);
        Assert.Equal(expected is null || name == "user.there", found.Value.Contains(name));
    }

    [Fact]
    public async Task The_agents_own_attributes_tell_how_a_file_stands_and_are_in_no_list()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("f", [1]);
        var node = (await drive.NodeAsync("f")).Id;
        Assert.Equal((null, null, null), (await AskAsync("progress"), await AskAsync("etag"), await AskAsync("url")));
        drive.Files.Sending = id => id == node.Value ? new SendingProgress(199, 400) : null;
        drive.Files.UrlOf = key => $"https://store.example/{key}";
        Assert.Equal("49", await AskAsync("progress"));
        drive.Files.Sending = _ => null;

        await drive.PublishAsync();
        Assert.Equal((drive.Rows.Node(node.Value)!.Remote!.ETag, "https://store.example/p/f", null), (await AskAsync("etag"), await AskAsync("url"), await AskAsync("progress")));
        Assert.Null(await AskAsync("no-such"));
        foreach (var name in (string[])["user.syncagent.state", "user.syncagent.url", "user.syncagent.no-such"])
        {
            Assert.Equal(FsErrorKind.NotPermitted, (await SetAsync(drive, node, name, [1]))?.Kind);
            Assert.Equal(FsErrorKind.NotPermitted, (await drive.Files.RemoveExtendedAttributeAsync(drive.Context, node, name)).Error?.Kind);
        }

        // What another program has put into the object's metadata under such a name is not believed.
        drive.Journal.Commit(writer => writer.SetExtendedAttributes(
            node.Value, "%7B%22user.syncagent.state%22%3A%22AP8%3D%22%2C%22user.name%22%3A%22dmFsdWU%3D%22%7D", 0, 0));
        await drive.RestartAsync();
        node = (await drive.NodeAsync("f")).Id;
        Assert.Equal(["user.name"], (await drive.Files.ListExtendedAttributesAsync(drive.Context, node)).Value);
        Assert.Contains(await AskAsync("state"), (string[])["queued", "closing"]);

        async Task<string?> AskAsync(string name)
        {
            var answer = await drive.Files.GetExtendedAttributeAsync(drive.Context, node, "user.syncagent." + name);
            return answer.Error is null ? System.Text.Encoding.UTF8.GetString(answer.Value) : answer.Error.Kind == FsErrorKind.NoAttribute ? null : answer.Error.Message;
        }
    }

    [Fact]
    public async Task File_capabilities_go_with_a_write()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("f", [1]);
        var node = (await drive.NodeAsync("f")).Id;
        Assert.Null(await SetAsync(drive, node, "security.capability", [1]));
        Assert.Null(await SetAsync(drive, node, "user.kept", [1]));
        var handle = await drive.OpenAsync("f");
        await drive.WriteAsync(handle, 0, [2]);
        await drive.CloseAsync(handle);
        Assert.Equal(["user.kept"], (await drive.Files.ListExtendedAttributesAsync(drive.Context, node)).Value);
    }

    [Theory]
    [InlineData(NodeKind.Fifo)]
    [InlineData(NodeKind.Socket)]
    public async Task Fifos_and_sockets_are_names_with_attributes(NodeKind kind)
    {
        await using var drive = new TestDrive();
        Assert.Null(await drive.MakeDirectoryAsync("d"));
        var made = (await drive.Files.MakeNodeAsync(drive.Context, drive.Files.Root, "n", kind, 0b110_000_000)).Value;
        Assert.Equal((kind, 0L, 0b110_000_000u, 1u), (made.Kind, made.Size, made.Mode, made.LinkCount));
        Assert.Equal(FsErrorKind.Exists, (await drive.Files.MakeNodeAsync(drive.Context, drive.Files.Root, "n", kind, 0)).Error?.Kind);
        Assert.Equal(FsErrorKind.InvalidArgument, (await drive.Files.OpenAsync(drive.Context, made.Id, OpenFlags.Read)).Error?.Kind);
        await drive.Files.SetAttributesAsync(drive.Context, made.Id, null, new AttributeChanges { Mode = 0b110_101_101_101 });
        var given = await drive.Files.SetAttributesAsync(drive.Context, made.Id, null, new AttributeChanges { Uid = 65534, ClearSetId = true });
        Assert.Equal((0b101_101_101u, 65534u), (given.Value.Mode, given.Value.Uid));
        Assert.Null(await drive.RenameAsync("n", "d/n"));
        drive.KillAndRestart();
        Assert.Equal((made.Id, kind), ((await drive.NodeAsync("d/n")).Id, (await drive.NodeAsync("d/n")).Kind));
        Assert.True(drive.Rows.Node(made.Id.Value)!.Pending);
        Assert.Null(await drive.UnlinkAsync("d/n"));
        Assert.Empty(await drive.NamesAsync("d"));
    }

    [Fact]
    public async Task Devices_cannot_be_made()
    {
        await using var drive = new TestDrive();
        Assert.Equal(FsErrorKind.NotPermitted, (await drive.Files.MakeNodeAsync(drive.Context, drive.Files.Root, "n", (NodeKind)99, 0)).Error?.Kind);
    }

    [Fact]
    public async Task A_folder_counts_its_subfolders_where_it_knows_them_all()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/far/x", [1]);
        Assert.Null(await drive.MakeDirectoryAsync("d"));
        Assert.Null(await drive.MakeDirectoryAsync("d/a"));
        Assert.Null(await drive.MakeDirectoryAsync("d/b"));
        await drive.SaveAsync("d/f", [1]);
        Assert.Equal(4u, (await drive.NodeAsync("d")).LinkCount);
        Assert.Null(await drive.RenameAsync("d/a", "a"));
        Assert.Equal(3u, (await drive.NodeAsync("d")).LinkCount);
        Assert.Equal(1u, (await drive.NodeAsync("far")).LinkCount);
        Assert.Equal(2u, (await drive.NodeAsync("d/b")).LinkCount);
    }

    [Fact]
    public async Task A_removed_folder_is_empty_and_takes_nothing_new_until_it_is_forgotten()
    {
        await using var drive = new TestDrive();
        Assert.Null(await drive.MakeDirectoryAsync("d"));
        var folder = (await drive.NodeAsync("d")).Id;
        Assert.Null((await drive.Files.RemoveDirectoryAsync(drive.Context, drive.Files.Root, "d")).Error);
        Assert.Equal(0u, (await drive.Files.GetAttributesAsync(drive.Context, folder, null)).Value.LinkCount);
        Assert.Empty((await drive.Files.OpenDirectoryAsync(drive.Context, folder)).Value.Entries);
        Assert.Equal(FsErrorKind.NotFound, (await drive.Files.LookupAsync(drive.Context, folder, "x")).Error?.Kind);
        Assert.Equal(FsErrorKind.NotFound, (await drive.Files.CreateAsync(drive.Context, folder, "x", 0, OpenFlags.Write)).Error?.Kind);
        drive.Files.Forget(folder, 1);
        Assert.Equal(FsErrorKind.NotFound, (await drive.Files.GetAttributesAsync(drive.Context, folder, null)).Error?.Kind);
    }

    [Fact]
    public async Task Times_follow_what_is_done_and_survive_a_kill()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("f", [1, 2]);
        var node = await drive.NodeAsync("f");
        var sameSize = await ChangeAsync(drive, node, new AttributeChanges { Size = 2 });
        Assert.True(sameSize.ModifyTime > node.ModifyTime && sameSize.ChangeTime > node.ChangeTime);
        var mode = await ChangeAsync(drive, node, new AttributeChanges { Mode = 0b111_000_000 });
        Assert.True(mode.ModifyTime == sameSize.ModifyTime && mode.ChangeTime > sameSize.ChangeTime);
        var nothing = await ChangeAsync(drive, node, default);
        Assert.True(nothing.ModifyTime == sameSize.ModifyTime && nothing.ChangeTime > mode.ChangeTime);
        var handle = await drive.OpenAsync("f");
        await drive.WriteAsync(handle, 0, [3]);
        await drive.CloseAsync(handle);
        var written = await drive.NodeAsync("f");
        Assert.True(written.ModifyTime > nothing.ModifyTime && written.ChangeTime > nothing.ChangeTime);
        await drive.LoadAsync("f");
        Assert.True((await drive.NodeAsync("f")).AccessTime > written.ModifyTime);
        drive.KillAndRestart();
        var after = await drive.NodeAsync("f");
        Assert.Equal((written.ModifyTime, written.ChangeTime), (after.ModifyTime, after.ChangeTime));
    }

    [Fact]
    public async Task A_read_only_drive_refuses_every_change()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("f", [1]);
        Assert.Null(await drive.MakeDirectoryAsync("d"));
        drive.Options = drive.Options with { ReadOnly = true };
        await drive.RestartAsync();
        var (files, context, root, node) = (drive.Files, drive.Context, drive.Files.Root, (await drive.NodeAsync("f")).Id);
        FsError?[] refused =
        [
            (await files.CreateAsync(context, root, "n", 0, OpenFlags.Write)).Error,
            (await files.MakeNodeAsync(context, root, "n", NodeKind.File, 0)).Error,
            (await files.MakeNodeAsync(context, root, "n", NodeKind.Fifo, 0)).Error,
            (await files.MakeDirectoryAsync(context, root, "n", 0)).Error,
            (await files.MakeSymlinkAsync(context, root, "n", "t")).Error,
            (await files.OpenAsync(context, node, OpenFlags.Write)).Error,
            (await files.OpenAsync(context, node, OpenFlags.Read | OpenFlags.Truncate)).Error,
            (await files.SetAttributesAsync(context, node, null, new AttributeChanges { Mode = 0 })).Error,
            (await files.SetExtendedAttributeAsync(context, node, "user.x", new byte[1], ExtendedAttributeMode.Create)).Error,
            (await files.RemoveExtendedAttributeAsync(context, node, "user.x")).Error,
            (await files.UnlinkAsync(context, root, "f")).Error,
            (await files.RemoveDirectoryAsync(context, root, "d")).Error,
            (await files.RenameAsync(context, root, "f", root, "g", RenameMode.Replace)).Error,
        ];
        Assert.All(refused, error => Assert.Equal(FsErrorKind.ReadOnly, error?.Kind));
        Assert.Equal((byte[])[1], await drive.LoadAsync("f"));
    }

    private static async Task<FsError?> SetAsync(
        TestDrive drive, NodeId node, string name, byte[] value, ExtendedAttributeMode mode = ExtendedAttributeMode.CreateOrReplace) =>
        (await drive.Files.SetExtendedAttributeAsync(drive.Context, node, name, value, mode)).Error;

    private static async Task<NodeAttributes> ChangeAsync(TestDrive drive, NodeAttributes node, AttributeChanges changes) =>
        (await drive.Files.SetAttributesAsync(drive.Context, node.Id, null, changes)).Value;
}
