using System.Globalization;
using SyncAgent.Fs.Windows.Interop;
using SyncAgent.Fs.Windows.Tests.Driver;

namespace SyncAgent.Fs.Windows.Tests;

public sealed class DirectoryTests : IAsyncLifetime
{
    private readonly DriveRig _rig = new(unlisted: true);

    private FakeDriver Driver => _rig.Driver;

    [Theory]
    [InlineData(65536)]
    [InlineData(500)]
    [InlineData(200)]
    public void Paging_returns_every_name_once(int bufferSize)
    {
        var expected = Enumerable.Range(0, 800).Select(i => string.Create(CultureInfo.InvariantCulture, $"Name {i * 7919 % 800} ä!")).ToList();
        foreach (var name in expected) _rig.Core.Bucket.Put("p/d/" + name, DriveRig.Text(name));
        Assert.Equal(0, Driver.Enumerate("\\d", out var entries, bufferSize));
        Assert.Equal(expected.Concat([".", ".."]).Order(StringComparer.Ordinal), entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        Assert.Equal([".", ".."], entries.Take(2).Select(entry => entry.Name));
        Assert.All(entries.Skip(2), entry => Assert.Equal((ulong)DriveRig.Text(entry.Name).Length, entry.Info.FileSize));
        Assert.Equal(FileAttributes.Directory, entries[0].Info.Attributes);
    }

    [Fact]
    public void The_root_has_no_parent()
    {
        _rig.Save("\\f", "x");
        Assert.Equal(0, Driver.Enumerate("\\", out var entries));
        Assert.Equal(["f"], entries.Select(entry => entry.Name));
    }

    [Fact]
    public async Task An_enumeration_goes_on_where_a_name_was_that_is_gone()
    {
        foreach (var name in (string[])["a", "b", "c"]) _rig.Save("\\" + name, name);
        var root = Driver.Must("\\", Disposition.Open, FakeDriver.ReadOnly);
        var first = await Driver.QueryDirectory(root, null, 120);
        Assert.Equal(0, first.Status);
        await _rig.Core.UnlinkAsync("a");
        await _rig.Core.UnlinkAsync("c");
        var entries = new List<(string Name, FspFileInfo Info)>();
        var rest = await Driver.QueryDirectory(root, "a", 4096);
        Assert.True(FakeDriver.Parse(rest.Bytes, entries));
        Assert.Equal(["b"], entries.Select(entry => entry.Name));
        Driver.Close(root);
    }

    [Fact]
    public void A_new_enumeration_shows_what_is_there_now()
    {
        var root = Driver.Must("\\", Disposition.Open, FakeDriver.ReadOnly);
        var entries = new List<(string Name, FspFileInfo Info)>();
        Assert.Equal(0, Driver.Enumerate(root, entries, 4096));
        Assert.Empty(entries);
        _rig.Save("\\later", "x");
        Assert.Equal(0, Driver.Enumerate(root, entries, 4096));
        Assert.Equal(["later"], entries.Select(entry => entry.Name));
        Driver.Close(root);
    }

    [Fact]
    public void One_name_is_found_without_an_enumeration()
    {
        _rig.Save("\\Found.txt", "x");
        var root = Driver.Must("\\", Disposition.Open, FakeDriver.ReadOnly);
        Assert.Equal(0, Driver.FindOne(root, "FOUND.TXT", out var shown));
        Assert.Equal("Found.txt", shown);
        Assert.Equal(NtStatus.ObjectNameNotFound, Driver.FindOne(root, "none", out _));
        Driver.Close(root);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();
}
