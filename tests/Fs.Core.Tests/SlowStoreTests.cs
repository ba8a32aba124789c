using SyncAgent.TestKit;

namespace SyncAgent.Fs.Core.Tests;

/// <summary>How long a folder that nobody has looked into is waited for.</summary>
public sealed class SlowStoreTests
{
    [Fact]
    public async Task A_slow_store_is_waited_for_and_a_silent_one_only_once()
    {
        // No other timer is armed for these.
        var (patience, impatience) = (TimeSpan.FromMilliseconds(5003), TimeSpan.FromMilliseconds(1008));
        var time = new ManualTimeProvider();
        await using var drive = new TestDrive(
            new CoreOptions { Uid = 1000, Gid = 1000, StagingReserve = 0, ListPatience = patience, OfflineAfter = impatience }, time);
        drive.Bucket.Put("p/a", TestDrive.Text("a"));
        var held = drive.Bucket.HoldLists = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        foreach (var wait in (TimeSpan[])[patience, impatience, impatience])
        {
            var asked = drive.LookupErrorAsync("a");
            await UntilAsync(() => time.IsArmed(wait));
            Assert.False(asked.IsCompleted);
            time.Advance(wait);
            Assert.Equal(FsErrorKind.Offline, (await asked)?.Kind);
        }

        // It answers: what was asked for is there, and it is only slow again the next time.
        drive.Bucket.HoldLists = null;
        held.SetResult();
        await UntilAsync(() => drive.LookupErrorAsync("a") is { IsCompletedSuccessfully: true, Result: null });
        drive.Bucket.HoldLists = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        drive.Bucket.Put("p/b/c", TestDrive.Text("c"));
        Assert.Null(await drive.MakeDirectoryAsync("d"));
        time.Advance(TimeSpan.FromMinutes(2));
        var again = drive.Files.OpenDirectoryAsync(drive.Context, drive.Files.Root).AsTask();
        await UntilAsync(() => time.IsArmed(impatience * 0.75)); // what is known of it can be shown: less than a second
        drive.Bucket.HoldLists.SetResult();
        Assert.Equal(["a", "b", "d"], (await again).Value.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var watchdog = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        watchdog.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition()) await Task.Delay(5, watchdog.Token);
    }
}
