using SyncAgent.Journal;

namespace SyncAgent.Transfer.Tests;

/// <summary>Above a limit nothing is deleted before the user says so.</summary>
public sealed class MassDeleteTests : EngineTest
{
    private const int Limit = 10;

    public MassDeleteTests() => Options = Options with { MassDeleteLimit = Limit };

    private bool IsHeld => MassDelete.IsHeld(Drive.Journal, Drive.Row.Id);

    [Fact]
    public async Task Above_the_limit_nothing_is_deleted_until_it_is_confirmed_also_after_a_restart()
    {
        Give("d", Limit + 1);
        Start();
        await UntilAsync(() => IsHeld);
        await StopAsync();
        Start();
        Give("later", 1);
        var moved = Give("moved", 2, DoomCause.Left);
        await UntilWithClockAsync(() => !moved.Any(Bucket.Objects.ContainsKey)); // what a rename left goes on
        Assert.Equal(Limit + 2, Bucket.Objects.Count);

        Engine.ConfirmDeletes();
        await SettledAsync();
        Assert.Empty(Bucket.Objects);
        Assert.False(IsHeld);

        Give("again", Limit + 1);
        await UntilWithClockAsync(() => IsHeld, most: TimeSpan.FromMinutes(1)); // a word counts once
        Assert.Equal(Limit + 1, Bucket.Objects.Count);
    }

    [Fact]
    public async Task What_is_restored_is_not_deleted_and_what_comes_later_is()
    {
        var keys = Give("d", Limit + 1);
        Start();
        await UntilAsync(() => IsHeld);
        Assert.Equal(keys, Engine.RestoreDeletes());
        Assert.False(IsHeld);
        Give("few", 2);
        await SettledAsync();
        Assert.Equal(keys, Bucket.Objects.Keys);
    }

    [Fact]
    public async Task Removals_that_come_in_turns_are_asked_about_too()
    {
        Give("first", Limit - 2);
        Start();
        await SettledAsync();
        Give("second", Limit - 2);
        await UntilWithClockAsync(() => IsHeld, most: TimeSpan.FromMinutes(1));
        Assert.Equal(Limit - 2, Bucket.Objects.Count);
    }

    [Fact]
    public async Task Removals_that_keep_coming_are_waited_for()
    {
        Give("d", 3);
        Give("e", 1, due: Drive.Now + 500);
        Start();
        await SettledAsync();
        Assert.Empty(Bucket.Objects);
        Assert.Equal((1, 0), (Count("DeleteMany"), Count("Delete"))); // all four together, not the last after the others
    }

    [Fact]
    public async Task Names_that_new_files_took_over_and_renames_do_not_count()
    {
        Options = Options with { MassDeleteLimit = 3 };
        var folder = Drive.MakeDirectory("d");
        var files = Enumerable.Range(0, 6).Select(i => Drive.MakeFile($"{i}", [(byte)i], folder)).ToList();
        Start();
        await SettledAsync();
        await StopAsync();
        for (var i = 0; i < files.Count; i++)
        {
            Drive.Remove(files[i]);
            files[i] = Drive.MakeFile($"{i}", [9, (byte)i], folder);
        }

        Start();
        await SettledAsync();
        Drive.Rename(folder, "elsewhere");
        await SettledAsync();
        Assert.False(IsHeld);
        Assert.Equal(files.Select((_, i) => $"p/elsewhere/{i}").Prepend("p/elsewhere/"), Bucket.Objects.Keys);
    }

    [Fact]
    public async Task A_limit_of_0_never_asks()
    {
        Options = Options with { MassDeleteLimit = 0 };
        Give("d", 50);
        Start();
        await SettledAsync();
        Assert.Empty(Bucket.Objects);
    }

    private List<string> Give(string folder, int count, DoomCause cause = DoomCause.Removed, long? due = null)
    {
        var keys = Enumerable.Range(0, count).Select(i => $"p/{folder}/{i:D3}").ToList();
        Drive.Change(writer =>
        {
            foreach (var key in keys)
            {
                var made = Bucket.PutForeign(key, [1]);
                writer.Doom(Drive.Row.Id, new RemoteState(key, made.ETag, null, made.Crc64, 1, 0, null, 0, Proof.Listed), due ?? Drive.Now, cause);
            }
        });
        return keys;
    }
}
