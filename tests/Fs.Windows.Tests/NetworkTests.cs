using System.Diagnostics;
using SyncAgent.Fs.Windows.Interop;
using SyncAgent.Fs.Windows.Tests.Driver;

namespace SyncAgent.Fs.Windows.Tests;

/// <summary>What happens while the store is slow or away: no thread of the driver waits for it longer than the drive's patience.</summary>
public sealed class NetworkTests : IAsyncLifetime
{
    private const int IoTimeout = unchecked((int)0xC00000B5);

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    private readonly DriveRig _rig = new(
        DriveRig.Options with { NamePatience = TimeSpan.FromMilliseconds(30) }, unlisted: true);

    private FakeDriver Driver => _rig.Driver;

    [Fact]
    public async Task A_read_of_remote_bytes_is_answered_later()
    {
        var gate = new TaskCompletionSource();
        _rig.Core.Bucket.Put("p/far", DriveRig.Text("from the bucket"));
        Driver.Names("\\");
        _rig.Core.Bucket.BeforeGet = (_, _, _) => gate.Task;
        var file = Driver.Must("\\far", Disposition.Open, FakeDriver.ReadOnly);
        var first = Driver.ReadAsync(file, 0, 4);
        var second = Driver.ReadAsync(file, 5, 100);
        Assert.False(first.IsCompleted || second.IsCompleted);

        // Meanwhile this thread does something else.
        _rig.Save("\\near", "x");
        gate.SetResult();
        Assert.Equal((0, "from"), ((await first.WaitAsync(Bound)).Status, System.Text.Encoding.UTF8.GetString((await first).Bytes)));
        Assert.Equal("the bucket", System.Text.Encoding.UTF8.GetString((await second.WaitAsync(Bound)).Bytes));
        Assert.Equal(0, Driver.Read(file, 0, 15, out var again)); // now they are here
        Assert.Equal("from the bucket", System.Text.Encoding.UTF8.GetString(again));
        Driver.Close(file);
    }

    [Fact]
    public async Task A_read_that_fails_later_says_why()
    {
        _rig.Core.Bucket.Put("p/far", DriveRig.Text("x"));
        Driver.Names("\\");
        var file = Driver.Must("\\far", Disposition.Open, FakeDriver.ReadOnly);
        _rig.Core.Bucket.BeforeGet = (_, _, _) => throw new Store.StoreException(Store.StoreErrorKind.AccessDenied, "no");
        var read = await Driver.ReadAsync(file, 0, 4).WaitAsync(Bound);
        Assert.Equal((NtStatus.AccessDenied, 0), (read.Status, read.Bytes.Length));
        Driver.Close(file);
    }

    [Fact]
    public async Task The_end_of_the_drive_answers_what_waits()
    {
        _rig.Core.Bucket.Put("p/far", DriveRig.Text("x"));
        Driver.Names("\\");
        _rig.Core.Bucket.BeforeGet = (_, _, cancellation) => Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        var file = Driver.Must("\\far", Disposition.Open, FakeDriver.ReadOnly);
        var read = Driver.ReadAsync(file, 0, 4);
        Assert.False(read.IsCompleted);
        await _rig.Mount.StopAsync().AsTask().WaitAsync(Bound);
        Assert.Equal(unchecked((int)0xC0000120), (await read.WaitAsync(Bound)).Status); // CANCELLED
        Assert.Equal(0, _rig.WinFsp.PendingCount);
        string[] end = [.. _rig.WinFsp.Calls.TakeLast(3)];
        Assert.Equal(["StopDispatcher", "SendResponse", "Delete"], end); // no answer after the drive was deleted
    }

    [Fact]
    public async Task A_listing_is_answered_later()
    {
        var gate = new TaskCompletionSource();
        _rig.Core.Bucket.Put("p/a", []);
        _rig.Core.Bucket.HoldLists = gate;
        var root = Driver.Must("\\", Disposition.Open, FakeDriver.ReadOnly);
        var page = Driver.QueryDirectory(root, null, 4096);
        Assert.False(page.IsCompleted);
        gate.SetResult();
        var entries = new List<(string Name, FspFileInfo Info)>();
        Assert.True(FakeDriver.Parse((await page.WaitAsync(Bound)).Bytes, entries));
        Assert.Equal(["a"], entries.Select(entry => entry.Name));
        Driver.Close(root);
    }

    [Fact]
    public void A_name_in_a_folder_never_listed_waits_for_as_long_as_the_patience_and_is_there_next_time()
    {
        var gate = new TaskCompletionSource();
        _rig.Core.Bucket.Put("p/a", DriveRig.Text("x"));
        _rig.Core.Bucket.HoldLists = gate;
        var begun = Stopwatch.GetTimestamp();
        Assert.Equal(IoTimeout, Driver.Open("\\a", Disposition.Open, out _));
        Assert.Equal(IoTimeout, Driver.Open("\\new", Disposition.Create, out _));
        Assert.True(Stopwatch.GetElapsedTime(begun) < Bound);
        gate.SetResult();
        Driver.Names("\\"); // waits for it
        Assert.Equal(1, _rig.Core.Bucket.Lists); // it went on, and was not asked for again
        Assert.Equal("x", _rig.Load("\\a"));
    }

    [Fact]
    public void A_store_that_is_away_stops_nothing_local()
    {
        Driver.Names("\\");
        _rig.MakeFolder("\\d");
        _rig.Save("\\d\\f", "x");
        _rig.Core.Bucket.Away = true;
        _rig.Save("\\d\\g", "y");
        Assert.Equal("x", _rig.Load("\\D\\F"));
        var file = Driver.Must("\\d\\f", Disposition.Open);
        Assert.Equal(0, Driver.Rename(file, "\\h", replace: false));
        Driver.Close(file);
        Assert.Equal(["d", "h"], Driver.Names("\\"));
    }

    [Fact]
    public async Task Cleanup_never_waits()
    {
        await using var rig = new DriveRig(unlisted: true);
        rig.Core.Bucket.Put("p/deep/f", []);
        rig.Driver.Names("\\");
        rig.Core.Bucket.HoldLists = new TaskCompletionSource();
        var folder = rig.Driver.Must("\\deep", Disposition.Open, FakeDriver.DeleteOnly, CreateOptions.DeleteOnClose);
        await Task.Run(() => rig.Driver.Close(folder)).WaitAsync(TimeSpan.FromSeconds(8));
        Assert.Equal(["deep"], rig.Driver.Names("\\")); // it cannot fail, and nobody knows whether the folder is empty
        rig.Core.Bucket.HoldLists.SetResult();
    }

    [Fact]
    public void A_folder_that_was_never_listed_below_is_moved_when_it_is()
    {
        _rig.Core.Bucket.Put("p/deep/er/f", []);
        Driver.Names("\\");
        var gate = new TaskCompletionSource();
        _rig.Core.Bucket.HoldLists = gate;
        var folder = Driver.Must("\\deep", Disposition.Open, FakeDriver.DeleteOnly);
        Assert.Equal(IoTimeout, Driver.Rename(folder, "\\moved", replace: false));
        Assert.Equal(IoTimeout, Driver.SetDelete(folder, true));
        Driver.Close(folder);
        gate.SetResult();
        Driver.Names("\\deep\\er");
        folder = Driver.Must("\\deep", Disposition.Open, FakeDriver.DeleteOnly);
        Assert.Equal(0, Driver.Rename(folder, "\\moved", replace: false));
        Driver.Close(folder);
        Assert.Equal(["f"], Driver.Names("\\moved\\er"));
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _rig.DisposeAsync();
}
