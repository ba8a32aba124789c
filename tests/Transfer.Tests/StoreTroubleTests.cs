using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

public sealed class StoreTroubleTests : EngineTest
{
    [Fact]
    public async Task An_outage_fails_nothing_and_everything_goes_when_the_store_returns()
    {
        Refuse(StoreErrorKind.Network, _ => true);
        var nodes = Enumerable.Range(0, 20).Select(i => Drive.MakeFile($"f{i}", [(byte)i])).ToList();
        Start();
        await UntilAsync(() => !Engine.Health.Online);
        Assert.Equal(StoreErrorKind.Network, Engine.Health.Kind);
        Time.Advance(TimeSpan.FromMinutes(5));
        Assert.All(nodes, node => Assert.True(Node(node) is { Pending: true, Problem: Problem.None }));
        Assert.True(Count("Put") <= 2 * Options.FilesAtOnce, "an offline store was asked for every file");
        Bucket.Before = null;
        await UntilWithClockAsync(() => Engine.Health.Online);
        await UntilAsync(() => Bucket.Objects.Count == nodes.Count);
    }

    [Fact]
    public async Task Wake_asks_an_offline_store_at_once()
    {
        Refuse(StoreErrorKind.Unavailable, _ => true);
        Drive.MakeFile("a", [1]);
        Start();
        await UntilAsync(() => !Engine.Health.Online && Time.ArmedTimers > 0);
        Bucket.Before = null;
        var before = Time.GetUtcNow();
        Engine.Wake();
        await UntilAsync(() => Bucket.Objects.ContainsKey("p/a"));
        Assert.Equal(before, Time.GetUtcNow());
    }

    [Theory]
    [InlineData(StoreErrorKind.BadCredentials)]
    [InlineData(StoreErrorKind.TokenExpired)]
    [InlineData(StoreErrorKind.NoSuchBucket)]
    [InlineData(StoreErrorKind.ClockSkew)]
    public async Task A_wrong_account_fails_no_file(StoreErrorKind kind)
    {
        Refuse(kind, _ => true);
        var nodes = Enumerable.Range(0, 20).Select(i => Drive.MakeFile($"f{i}", [(byte)i])).ToList();
        Start();
        await UntilAsync(() => !Engine.Health.Online);
        Assert.Contains("refused by the test", Engine.Health.Error, StringComparison.Ordinal);
        Assert.All(nodes, node => Assert.Equal(Problem.None, Node(node).Problem));
        Bucket.Before = null;
        await SettledAsync();
        Assert.Equal(20, Bucket.Objects.Count);
    }

    [Theory]
    [InlineData(StoreErrorKind.BadCredentials)]
    [InlineData(StoreErrorKind.NoSuchBucket)]
    public async Task A_head_that_cannot_say_what_is_wrong_brings_no_drive_back(StoreErrorKind kind)
    {
        // S3's HEAD has no body: a missing bucket is a missing key, a wrong key a denied one.
        Bucket.Before = (call, _) => call.Operation != "Head" ? throw new StoreException(kind, "refused by the test")
            : kind is StoreErrorKind.BadCredentials ? throw new StoreException(StoreErrorKind.AccessDenied, "403") : Task.CompletedTask;
        for (var i = 0; i < 20; i++) Drive.MakeFile($"f{i}", [(byte)i]);
        Start();
        await UntilAsync(() => Count("List") == 1 && !Engine.Health.Online);
        Assert.Equal(kind, Engine.Health.Kind);
        await UntilWithClockAsync(() => Count("List") == 3);
        Assert.False(Engine.Health.Online);
        Assert.True(Count("Put") <= 2 * Options.FilesAtOnce, $"an offline store was asked for every file: {string.Join(' ', Bucket.Calls)}");
        Bucket.Before = null;
        await SettledAsync();
        Assert.Equal(20, Bucket.Objects.Count);
    }

    [Fact]
    public async Task A_user_who_may_not_list_is_answered_all_the_same()
    {
        var cut = 1;
        Bucket.Before = (call, _) => call.Operation == "List" ? throw new StoreException(StoreErrorKind.AccessDenied, "no listing for you")
            : call.Operation == "Put" && Interlocked.Exchange(ref cut, 0) == 1 ? throw new StoreException(StoreErrorKind.Network, "cut")
            : Task.CompletedTask;
        Drive.MakeFile("a", [1]);
        Start();
        await SettledAsync();
        Assert.True(Engine.Health.Online);
        Assert.Equal((1, 1), (Bucket.Objects.Count, Count("List")));
    }

    [Fact]
    public async Task A_denied_file_keeps_trying_slowly_and_holds_up_nobody()
    {
        Refuse(StoreErrorKind.AccessDenied, call => call is { Operation: "Put", Key: "p/denied" });
        var denied = Drive.MakeFile("denied", [1]);
        Drive.MakeFile("fine", [2]);
        Start();
        await UntilAsync(() => Bucket.Objects.ContainsKey("p/fine") && Node(denied).Attempts == 1);
        Assert.True(Engine.Health.Online);
        Assert.True(Node(denied) is { Pending: true, Problem: Problem.None });
        Assert.Contains("Request id r1", Node(denied).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_poisoned_file_fails_alone()
    {
        Refuse(StoreErrorKind.InvalidName, call => call.Key == "p/bad");
        var bad = Drive.MakeFile("bad", [1]);
        for (var i = 0; i < 30; i++) Drive.MakeFile($"f{i}", [(byte)i]);
        Start();
        await UntilAsync(() => Node(bad).Problem == Problem.Failed && Bucket.Objects.Count == 30);
        Assert.Contains("Rename the file", Node(bad).Error, StringComparison.Ordinal);
        Bucket.Before = null;
        Drive.Change(writer => writer.Retry(bad, Drive.Now));
        await UntilAsync(() => Bucket.Objects.Count == 31);
    }

    [Fact]
    public async Task Large_files_do_not_starve_small_ones_nor_the_other_way_round()
    {
        Hold(call => call.Operation == "Part");
        for (var i = 0; i < 5; i++) Drive.MakeFile($"large{i}", TestDrive.Bytes(3 * Part, i));
        for (var i = 0; i < 200; i++) Drive.MakeFile($"small{i}", [(byte)i]);
        Start();
        await UntilAsync(() => Bucket.Objects.Count == 200 && Engine.Active.Count == Options.LargeFilesAtOnce);
    }

    [Fact]
    public async Task A_failing_part_gives_its_progress_back_and_the_finished_ones_stay()
    {
        var cut = 1;
        Bucket.After = call => call.Part == 2 && Interlocked.Exchange(ref cut, 0) == 1
            ? throw new StoreException(StoreErrorKind.Network, "cut") : Task.CompletedTask;
        var bytes = TestDrive.Bytes(6 * Part, 1);
        Drive.MakeFile("a", bytes);
        Start();
        await SettledAsync();
        Assert.Equal(bytes, Bucket.Objects["p/a"].Bytes);
        Assert.Equal(1, Count("Initiate"));
    }

    [Fact]
    public async Task Aborts_are_tried_again_until_the_store_confirms_them()
    {
        var refusals = 3;
        Hold(call => call.Part == 3);
        var node = Drive.MakeFile("big", TestDrive.Bytes(4 * Part, 1));
        Start();
        await UntilAsync(() => Bucket.Calls.Any(call => call.Part == 3));
        Bucket.Before = (call, _) => call.Operation == "Abort" && refusals-- > 0 ? throw new StoreException(StoreErrorKind.Throttled, "slow") : Task.CompletedTask;
        Drive.Remove(node);
        await UntilWithClockAsync(() => Bucket.OpenUploads.Count == 0 && Uploads().Count == 0);
        Assert.Equal(4, Count("Abort"));
    }

    [Fact]
    public async Task Stopping_aborts_nothing()
    {
        Drive.MakeFile("big", TestDrive.Bytes(4 * Part, 1));
        await SendSomePartsAsync(3, call => call.Part == 3);
        Assert.Single(Bucket.OpenUploads);
        Assert.Equal(0, Count("Abort"));
        Assert.Equal(UploadPhase.Active, Assert.Single(Uploads()).Phase);
    }
}
