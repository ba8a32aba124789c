using SyncAgent.Fs.Core;
using SyncAgent.Fs.Windows.Interop;
using SyncAgent.Fs.Windows.Tests.Driver;

namespace SyncAgent.Fs.Windows.Tests;

/// <summary>Orders in which Windows opens, writes, closes and deletes, and what is published of it.</summary>
public sealed class LifecycleTests : IAsyncLifetime
{
    private readonly DriveRig _rig = new();

    private FakeDriver Driver => _rig.Driver;

    [Fact]
    public async Task A_file_is_published_when_its_handle_is_closed()
    {
        var file = Driver.Must("\\a.txt", Disposition.Create);
        Driver.Write(file, 0, DriveRig.Text("hello"));
        Assert.Empty(await _rig.PublishAsync());
        Driver.Close(file);
        Assert.Equal("hello", (await _rig.PublishAsync())["a.txt"]);
    }

    [Fact]
    public async Task Published_means_cleaned_up_not_closed()
    {
        var file = Driver.Must("\\image.exe", Disposition.Create);
        Driver.Write(file, 0, DriveRig.Text("program"));
        file.Mapped = 1; // stays mapped for as long as the program runs
        Driver.Close(file);
        Assert.Equal("program", (await _rig.PublishAsync())["image.exe"]);
        Assert.Equal(0, Driver.Read(file, 0, 100, out var page));
        Assert.Equal(DriveRig.Text("program"), page);
        Driver.Unmap(file);
        Assert.Equal(0, _rig.Mount.OpenFiles);
    }

    [Fact]
    public async Task A_mapped_page_after_the_close_starts_over()
    {
        var file = Driver.Must("\\db", Disposition.Create);
        Driver.Write(file, 0, DriveRig.Text("0123456789"));
        file.Mapped = 1;
        Driver.Close(file);
        Assert.Equal("0123456789", (await _rig.PublishAsync())["db"]);
        Assert.Equal(0, Driver.Write(file, 8, DriveRig.Text("XYZ"), atEnd: false, paging: true, out var done, out var info));
        Assert.Equal((2u, 10ul), (done, info.FileSize)); // a page does not make the file longer
        Assert.Equal(0, Driver.Write(file, 10, DriveRig.Text("beyond"), atEnd: false, paging: true, out done, out _));
        Assert.Equal(0u, done);
        Driver.Unmap(file);
        Assert.Equal("01234567XY", (await _rig.PublishAsync())["db"]);
    }

    [Fact]
    public async Task The_last_of_two_writers_publishes()
    {
        var one = Driver.Must("\\log", Disposition.Create);
        var two = Driver.Must("\\LOG", Disposition.Open);
        Driver.Write(one, 0, DriveRig.Text("one"));
        Driver.Close(one);
        Assert.Empty(await _rig.PublishAsync());
        Driver.Write(two, 0, DriveRig.Text(" two"), atEnd: true);
        Driver.Close(two);
        Assert.Equal("one two", (await _rig.PublishAsync())["log"]);
    }

    [Fact]
    public async Task A_reader_that_stays_does_not_hold_it_up()
    {
        _rig.Save("\\f", "1");
        var reader = Driver.Must("\\f", Disposition.Open, FakeDriver.ReadOnly);
        _rig.Save("\\f", "22");
        Assert.Equal("22", (await _rig.PublishAsync())["f"]);
        Driver.Close(reader);
    }

    [Fact]
    public async Task What_was_closed_survives_a_kill_before_the_release()
    {
        var file = Driver.Must("\\a", Disposition.Create);
        Driver.Write(file, 0, DriveRig.Text("kept"));
        Driver.Cleanup(file);
        await using var after = _rig.Core.AfterKill(_ => { });
        Assert.Equal(DriveRig.Text("kept"), await after.LoadAsync("a"));
        await after.PublishAsync();
        Assert.Equal(DriveRig.Text("kept"), after.Bucket.Bytes("p/a"));
        Driver.Release(file);
    }

    [Fact]
    public async Task Deleting_waits_for_the_last_handle()
    {
        _rig.Save("\\f", "x");
        await _rig.PublishAsync();
        var one = Driver.Must("\\f", Disposition.Open);
        var two = Driver.Must("\\f", Disposition.Open, FakeDriver.ReadOnly);
        Assert.Equal(0, Driver.SetDelete(one, true));
        Driver.Close(one);
        Assert.Equal(FakeDriver.DeletePending, Driver.Open("\\f", Disposition.OpenIf, out _));
        Assert.Equal(0, Driver.Read(two, 0, 10, out _));
        Assert.Single(await _rig.PublishAsync());
        Driver.Close(two);
        Assert.Equal(NtStatus.ObjectNameNotFound, Driver.Open("\\f", Disposition.Open, out _));
        Assert.Empty(await _rig.PublishAsync());
    }

    [Fact]
    public async Task A_deletion_can_be_taken_back()
    {
        _rig.Save("\\f", "x");
        var file = Driver.Must("\\f", Disposition.Open);
        Driver.SetDelete(file, true);
        Driver.SetDelete(file, false);
        Driver.Close(file);
        Assert.Equal("x", (await _rig.PublishAsync())["f"]);
    }

    [Fact]
    public async Task Nothing_of_a_file_that_deletes_itself_is_published()
    {
        var file = Driver.Must("\\~tmp", Disposition.Create, options: CreateOptions.DeleteOnClose);
        Driver.Write(file, 0, DriveRig.Text("scratch"));
        Driver.Close(file);
        Assert.Empty(await _rig.PublishAsync());
        Assert.Empty(Driver.Names("\\"));
    }

    [Fact]
    public void A_folder_that_is_not_empty_is_not_deleted()
    {
        _rig.MakeFolder("\\d");
        _rig.Save("\\d\\f", "x");
        var folder = Driver.Must("\\d", Disposition.Open, FakeDriver.DeleteOnly);
        Assert.Equal(NtStatus.DirectoryNotEmpty, Driver.SetDelete(folder, true));
        Driver.Close(folder);

        // Delete-on-close is not asked about beforehand.
        Driver.Close(Driver.Must("\\d", Disposition.Open, FakeDriver.DeleteOnly, CreateOptions.DeleteOnClose | CreateOptions.DirectoryFile));
        Assert.Equal("x", _rig.Load("\\d\\f"));
        Delete("\\d\\f");
        Delete("\\d");
        Assert.Empty(Driver.Names("\\"));
    }

    [Fact]
    public async Task Nothing_is_kept_of_what_was_deleted_or_replaced()
    {
        _rig.MakeFolder("\\d");
        _rig.Save("\\f", "x");
        _rig.Save("\\replaced", "x");
        await _rig.Core.Files.MakeSymlinkAsync(_rig.Core.Context, _rig.Core.Files.Root, "link", "f");
        var nodes = new List<NodeId>();
        foreach (var name in (string[])["d", "link", "replaced", "f"]) nodes.Add((await _rig.Core.NodeAsync(name)).Id);
        Assert.Equal(0, Rename("\\f", "\\replaced", replace: true));
        foreach (var path in (string[])["\\d", "\\link", "\\replaced"]) Delete(path);
        foreach (var node in nodes) Assert.NotNull((await _rig.Core.Files.GetAttributesAsync(_rig.Core.Context, node, null)).Error);
    }

    [Fact]
    public void A_read_only_file_is_not_deleted()
    {
        _rig.Save("\\f", "x");
        var file = Driver.Must("\\f", Disposition.Open);
        Assert.Equal(0, Driver.SetBasic(file, (uint)FileAttributes.ReadOnly));
        Driver.Info(file, out var info);
        Assert.Equal(FileAttributes.ReadOnly | FileAttributes.Archive, info.Attributes);
        Assert.Equal(NtStatus.CannotDelete, Driver.SetDelete(file, true));
        Assert.Equal(0, Driver.SetBasic(file, (uint)FileAttributes.Normal));
        Assert.Equal(0, Driver.SetDelete(file, true));
        Driver.Close(file);
    }

    [Fact]
    public async Task Times_that_were_set_stay_whatever_is_written_after()
    {
        const ulong Time = 132_000_000_000_000_000;
        var file = Driver.Must("\\f", Disposition.Create);
        Driver.Write(file, 0, DriveRig.Text("a"));
        Assert.Equal(0, Driver.SetBasic(file, (uint)FileAttributes.Archive, write: Time));
        Driver.Write(file, 1, DriveRig.Text("b"));
        Driver.Close(file);
        var again = Driver.Must("\\f", Disposition.Open, FakeDriver.ReadOnly);
        Driver.Info(again, out var info);
        Assert.Equal((Time, 2ul), (info.LastWriteTime, info.FileSize));
        Driver.Close(again);
        Assert.Equal("ab", (await _rig.PublishAsync())["f"]);
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 1)]
    public void A_time_that_is_none_changes_nothing(ulong time)
    {
        _rig.Save("\\f", "x");
        var file = Driver.Must("\\f", Disposition.Open);
        Driver.Info(file, out var before);
        Assert.Equal(0, Driver.SetBasic(file, access: time, write: time));
        Driver.Info(file, out var after);
        Assert.Equal((before.LastWriteTime, before.LastAccessTime), (after.LastWriteTime, after.LastAccessTime));
        Driver.Close(file);
    }

    [Fact]
    public async Task Preallocation_makes_no_file_longer()
    {
        var file = Driver.Must("\\f", Disposition.Create, allocation: 1 << 20);
        Assert.Equal(0, Driver.SetSize(file, 5 << 20, allocation: true, out var info));
        Assert.Equal(0ul, info.FileSize);
        Driver.Write(file, 0, DriveRig.Text("0123456789"));
        Assert.Equal(0, Driver.SetSize(file, 4, allocation: true, out info));
        Assert.Equal(4ul, info.FileSize);
        Assert.Equal(0, Driver.SetSize(file, 6, allocation: false, out info));
        Assert.Equal(6ul, info.FileSize);
        Driver.Close(file);
        Assert.Equal("0123\0\0", (await _rig.PublishAsync())["f"]);
    }

    [Fact]
    public async Task Safe_save_replaces_the_file_in_one_step()
    {
        _rig.Save("\\Report.docx", "old");
        await _rig.PublishAsync();
        _rig.Save("\\~WRL0001.tmp", "new");
        Assert.Equal(0, Rename("\\Report.docx", "\\~WRL0002.tmp", replace: false));
        Assert.Equal(0, Rename("\\~WRL0001.tmp", "\\report.docx", replace: false));
        Delete("\\~WRL0002.tmp");
        Assert.Equal("new", _rig.Load("\\REPORT.DOCX"));
        Assert.Equal("new", (await _rig.PublishAsync()).Single().Value);
    }

    [Fact]
    public async Task Overwriting_cuts_before_the_first_byte()
    {
        _rig.Save("\\f", "a long content");
        await _rig.PublishAsync();
        var file = Driver.Must("\\f", Disposition.OverwriteIf);
        Driver.Info(file, out var info);
        Assert.Equal(0ul, info.FileSize);
        Driver.Close(file);
        Assert.Equal("", (await _rig.PublishAsync())["f"]);
    }

    [Fact]
    public async Task An_open_that_changes_nothing_publishes_nothing()
    {
        _rig.Save("\\f", "x");
        await _rig.PublishAsync();
        var etag = (await _rig.Core.RowAsync("f")).Remote!.ETag;
        Driver.Close(Driver.Must("\\f", Disposition.Open));
        await _rig.PublishAsync();
        Assert.Equal(etag, (await _rig.Core.RowAsync("f")).Remote!.ETag);
    }

    [Fact]
    public void Reading_at_the_end_says_so()
    {
        _rig.Save("\\f", "abc");
        var file = Driver.Must("\\f", Disposition.Open);
        Assert.Equal(0, Driver.Read(file, 2, 10, out var last));
        Assert.Equal(DriveRig.Text("c"), last);
        Assert.Equal(NtStatus.EndOfFile, Driver.Read(file, 3, 10, out var none));
        Assert.Empty(none);
        Assert.Equal(0, Driver.Read(file, 3, 0, out _));
        Driver.Close(file);
    }

    [Fact]
    public async Task Flushing_makes_durable()
    {
        var file = Driver.Must("\\f", Disposition.Create);
        Driver.Write(file, 0, DriveRig.Text("x"));
        Assert.Equal(0, Driver.Flush(file));
        Assert.Equal(0, Driver.Flush(null));
        Assert.Equal(_rig.Core.Journal.EnqueuedSequence, _rig.Core.Journal.DurableSequence);
        Driver.Close(file);
        Assert.Equal("x", (await _rig.PublishAsync())["f"]);
    }

    [Fact]
    public async Task A_drive_that_ends_keeps_what_was_closed_and_publishes_nothing_else()
    {
        _rig.Save("\\closed", "all of it");
        var open = Driver.Must("\\open", Disposition.Create);
        Driver.Write(open, 0, DriveRig.Text("half"));
        await _rig.Mount.StopAsync();
        Assert.Equal(0, _rig.Mount.OpenFiles);
        Assert.Equal(["closed"], (await _rig.PublishAsync()).Keys);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    private void Delete(string path)
    {
        var file = Driver.Must(path, Disposition.Open, FakeDriver.DeleteOnly);
        Assert.Equal(0, Driver.SetDelete(file, true));
        Driver.Close(file);
    }

    private int Rename(string from, string to, bool replace)
    {
        var file = Driver.Must(from, Disposition.Open, FakeDriver.DeleteOnly);
        var status = Driver.Rename(file, to, replace);
        Driver.Close(file);
        return status;
    }
}
