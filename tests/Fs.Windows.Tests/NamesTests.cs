using SyncAgent.Fs.Windows.Interop;
using SyncAgent.Fs.Windows.Tests.Driver;

namespace SyncAgent.Fs.Windows.Tests;

/// <summary>Names as Windows gives and shows them, over a bucket that knows nothing of Windows.</summary>
public sealed class NamesTests : IAsyncLifetime
{
    private readonly DriveRig _rig = new(unlisted: true);

    private FakeDriver Driver => _rig.Driver;

    [Fact]
    public async Task Case_is_kept_and_ignored()
    {
        _rig.MakeFolder("\\Docs");
        _rig.Save("\\docs\\Read Me.TXT", "x");
        Assert.Equal("x", _rig.Load("\\DOCS\\read me.txt"));
        Assert.Equal(["Read Me.TXT"], Driver.Names("\\dOcS"));
        Assert.Equal(NtStatus.ObjectNameCollision, Driver.Open("\\docs\\READ ME.txt", Disposition.Create, out _));
        var file = Driver.Must("\\DOCS\\READ ME.TXT", Disposition.Open, FakeDriver.ReadOnly);
        Assert.Equal("\\Docs\\Read Me.TXT", file.Node.Path); // what GetFinalPathNameByHandle shows
        Driver.Close(file);
        Assert.Equal(["Docs/", "Docs/Read Me.TXT"], (await _rig.PublishAsync()).Keys);
    }

    [Fact]
    public async Task Only_the_case_can_be_renamed()
    {
        _rig.Save("\\name", "x");
        var file = Driver.Must("\\name", Disposition.Open);
        Assert.Equal(0, Driver.Rename(file, "\\NAME", replace: false));
        Driver.Close(file);
        Assert.Equal(["NAME"], Driver.Names("\\"));
        Assert.Equal(["NAME"], (await _rig.PublishAsync()).Keys);
    }

    [Fact]
    public async Task Keys_that_differ_by_case_only_are_all_reached()
    {
        foreach (var key in (string[])["readme.md", "README.md", "ReadMe.md", "Dir/a", "dir/b"]) _rig.Core.Bucket.Put("p/" + key, DriveRig.Text(key));
        var names = Driver.Names("\\");
        Assert.Equal(5, names.Count);
        Assert.Equal(5, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Contains("README.md", names); // the first in ordinal order has its own name
        Assert.Contains("Dir", names);
        Assert.All(names, name => Assert.True(name.StartsWith("Dir", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".md", StringComparison.Ordinal)));
        Assert.Equal(
            ["README.md", "ReadMe.md", "readme.md"],
            names.Where(name => name.EndsWith(".md", StringComparison.Ordinal)).Select(name => _rig.Load("\\" + name)).Order(StringComparer.Ordinal));
        Assert.Equal("README.md", _rig.Load("\\readme.md"));
        var marked = names.Single(name => WindowsNames.FromWindows(name) == "readme.md");
        Assert.Equal("readme.md", _rig.Load("\\" + marked.ToUpperInvariant())); // also the mark is found whatever its case
        _rig.Save("\\" + marked, "changed");
        var other = Driver.Names("\\").Single(name => WindowsNames.FromWindows(name) == "dir");
        Assert.Equal(["b"], Driver.Names("\\" + other));
        var bucket = await _rig.PublishAsync();
        Assert.Equal(("changed", "README.md", "ReadMe.md"), (bucket["readme.md"], bucket["README.md"], bucket["ReadMe.md"]));

        // When the first goes, the next has its own name.
        var first = Driver.Must("\\README.md", Disposition.Open, FakeDriver.DeleteOnly);
        Driver.SetDelete(first, true);
        Driver.Close(first);
        Assert.Contains("ReadMe.md", Driver.Names("\\"));
    }

    [Fact]
    public async Task A_marked_name_can_be_copied_to_another_folder()
    {
        _rig.Core.Bucket.Put("p/A", DriveRig.Text("upper"));
        _rig.Core.Bucket.Put("p/a", DriveRig.Text("lower"));
        var marked = Driver.Names("\\").Single(name => name != "A");
        _rig.MakeFolder("\\to");
        _rig.Save("\\to\\" + marked, "copy");
        Assert.Equal(["a"], Driver.Names("\\to"));
        _rig.Save("\\to\\A", "the same file");
        Assert.Equal("the same file", (await _rig.PublishAsync())["to/a"]);
    }

    [Fact]
    public async Task Replacing_keeps_the_key_of_what_is_replaced()
    {
        _rig.Save("\\Target.txt", "old");
        _rig.Save("\\new", "new");
        var file = Driver.Must("\\new", Disposition.Open);
        Assert.Equal(NtStatus.ObjectNameCollision, Driver.Rename(file, "\\TARGET.TXT", replace: false));
        Assert.Equal(0, Driver.Rename(file, "\\TARGET.TXT", replace: true));
        Driver.Close(file);
        Assert.Equal([new("Target.txt", "new")], await _rig.PublishAsync());
    }

    [Fact]
    public void Folders_are_not_replaced()
    {
        _rig.MakeFolder("\\d");
        _rig.MakeFolder("\\e");
        _rig.Save("\\f", "x");
        Assert.Equal(NtStatus.AccessDenied, Rename("\\d", "\\e"));
        Assert.Equal(NtStatus.AccessDenied, Rename("\\f", "\\d"));
        Assert.Equal(NtStatus.AccessDenied, Rename("\\d", "\\f"));
        Assert.Equal(NtStatus.ObjectPathNotFound, Rename("\\f", "\\none\\f"));
    }

    [Fact]
    public void A_folder_moves_with_what_is_in_it()
    {
        _rig.MakeFolder("\\a");
        _rig.MakeFolder("\\a\\b");
        _rig.Save("\\a\\b\\f", "x");
        Assert.Equal(0, Rename("\\a", "\\A2"));
        Assert.Equal("x", _rig.Load("\\a2\\B\\F"));
    }

    [Fact]
    public async Task Names_that_Windows_forbids_are_shown_and_come_back()
    {
        string[] keys = ["con.txt", "a:b", "what?", "dot.", "space ", "back\\slash", "tab\there"];
        foreach (var key in keys) _rig.Core.Bucket.Put("p/" + key, DriveRig.Text(key));
        var names = Driver.Names("\\");
        Assert.Equal(keys.Order(StringComparer.Ordinal), names.Select(name => _rig.Load("\\" + name)).Order(StringComparer.Ordinal));
        foreach (var name in names) _rig.Save("\\" + name, "changed");
        Assert.Equal(keys.Order(StringComparer.Ordinal), (await _rig.PublishAsync()).Keys);
    }

    [Fact]
    public async Task A_link_is_a_file_that_holds_its_target()
    {
        await _rig.Core.Files.MakeSymlinkAsync(_rig.Core.Context, _rig.Core.Files.Root, "link", "some/where");
        Assert.Equal("some/where", _rig.Load("\\link"));
        Assert.Equal(NtStatus.AccessDenied, Driver.Open("\\link", Disposition.Open, out _));
        Assert.Equal(["link"], Driver.Names("\\"));
        var link = Driver.Must("\\LINK", Disposition.Open, FakeDriver.DeleteOnly);
        Assert.Equal(0, Driver.SetDelete(link, true));
        Driver.Close(link);
        Assert.Empty(Driver.Names("\\"));
    }

    [Fact]
    public void Missing_names_and_missing_folders_are_told_apart()
    {
        _rig.Save("\\file", "x");
        Assert.Equal(NtStatus.ObjectNameNotFound, Driver.Open("\\none", Disposition.Open, out _));
        Assert.Equal(NtStatus.ObjectPathNotFound, Driver.Open("\\none\\none", Disposition.Open, out _));
        Assert.Equal(NtStatus.ObjectPathNotFound, Driver.Open("\\file\\below", Disposition.OpenIf, out _));
        Assert.Equal(NtStatus.NotADirectory, Driver.Open("\\file", Disposition.Open, out _, options: CreateOptions.DirectoryFile));
        _rig.MakeFolder("\\d");
        Assert.Equal(NtStatus.FileIsADirectory, Driver.Open("\\d", Disposition.Open, out _, options: CreateOptions.NonDirectoryFile));
        Assert.Equal(0, Driver.SecurityByName("\\", out var attributes, out var descriptor));
        Assert.Equal(FileAttributes.Directory, attributes);
        Assert.Equal(SecurityDescriptors.Build("S-1-5-21-1-2-3-1001", []), descriptor);
    }

    [Theory]
    [InlineData("\uF02E")]
    [InlineData("\uF02E\uF02E")]
    [InlineData("a\uF02Fb")]
    [InlineData("a\uF000b")]
    public void No_escape_leads_out_of_a_folder(string name)
    {
        _rig.MakeFolder("\\d");
        Assert.Equal(NtStatus.ObjectNameInvalid, Driver.Open("\\d\\" + name, Disposition.OpenIf, out _));
        Assert.Equal(NtStatus.ObjectNameInvalid, Driver.Open("\\d\\" + name + "\\f", Disposition.OpenIf, out _));
        _rig.Save("\\f", "x");
        Assert.Equal(NtStatus.ObjectNameInvalid, Rename("\\f", "\\d\\" + name));
    }

    [Fact]
    public void A_name_is_too_long_by_the_bytes_of_its_key()
    {
        Assert.Equal(unchecked((int)0xC0000106), Driver.Open("\\" + new string('ä', 200), Disposition.Create, out _));
        _rig.Save("\\" + new string('ä', 127), "x");
        Assert.Single(Driver.Names("\\"));
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    private int Rename(string from, string to)
    {
        var file = Driver.Must(from, Disposition.Open, FakeDriver.DeleteOnly);
        var status = Driver.Rename(file, to, replace: true);
        Driver.Close(file);
        return status;
    }
}
