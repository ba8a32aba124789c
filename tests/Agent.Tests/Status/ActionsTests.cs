using System.Net;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Tests;

/// <summary>What the user does with single files.</summary>
public sealed class ActionsTests : IAsyncLifetime
{
    private StatusRig _rig = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _rig = await StatusRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData("pause", false)]
    [InlineData("cancel", true)]
    public async Task A_file_is_held_back(string action, bool cancelled)
    {
        var folder = _rig.Agent.Drive.MakeDirectory("folder");
        var file = _rig.Agent.Drive.MakeFile("a b", [1], folder);
        var answer = await _rig.PostAsync($"v1/{action}?path=/mnt/x/folder/a%20b");
        Assert.Equal("/mnt/x/folder/a b", Assert.Single(answer.GetProperty("paths").EnumerateArray()).GetString());
        Assert.Equal([(file, cancelled)], _rig.Agent.Live.Holds);
        Assert.False(_rig.Agent.Live.IsPaused);
    }

    [Fact]
    public async Task Held_files_go_on_one_by_one_or_below_a_folder()
    {
        var folder = _rig.Agent.Drive.MakeDirectory("folder");
        var files = new[] { _rig.Agent.Drive.MakeFile("a", [1], folder), _rig.Agent.Drive.MakeFile("b", [1], folder), _rig.Agent.Drive.MakeFile("folder2", [1]) };
        _rig.Agent.Drive.Change(writer =>
        {
            foreach (var file in files) writer.Hold(file, cancelled: false);
        });
        _rig.Agent.MakeDurable();
        Assert.Equal(3, (await _rig.GetAsync("v1/status")).GetProperty("totals").GetProperty("held").GetInt64());

        await _rig.PostAsync("v1/resume?path=/mnt/x/folder/b");
        Assert.Equal([files[1]], _rig.Agent.Live.Releases);
        await _rig.PostAsync("v1/resume?path=/mnt/x/folder");
        Assert.Equal([files[1], files[0], files[1]], _rig.Agent.Live.Releases); // the fake drive lets nothing go
        await _rig.PostAsync("v1/resume?mount=/mnt/x");
        Assert.Equal(3, _rig.Agent.Live.Releases.Count);
    }

    [Fact]
    public async Task Of_a_folder_what_waits_now_is_held_and_let_go_on()
    {
        var drive = _rig.Agent.Drive;
        var folder = drive.MakeDirectory("folder");
        var (file, held) = (drive.MakeFile("a", [1], folder), drive.MakeFile("b", [1], folder));
        _rig.Agent.Confirm(drive.MakeFile("sent", [1], folder));
        drive.MakeFile("folder2", [1]);
        drive.Change(writer => writer.Hold(held, cancelled: true));

        var answer = await _rig.PostAsync("v1/pause?path=/mnt/x/folder");

        Assert.Equal(["/mnt/x/folder", "/mnt/x/folder/a", "/mnt/x/folder/b"], answer.GetProperty("paths").EnumerateArray().Select(path => path.GetString()));
        Assert.Equal([(folder, false), (file, false)], _rig.Agent.Live.Holds); // what is held stays as it is
        await _rig.PostAsync("v1/pause?path=/mnt/x");
        Assert.Equal(3, _rig.Agent.Live.Holds.Skip(2).Count()); // the fake drive holds nothing
        drive.Change(writer => writer.Hold(folder, cancelled: false));
        await _rig.PostAsync("v1/resume?path=/mnt/x/folder");
        Assert.Equal([folder, held], _rig.Agent.Live.Releases);
    }

    [Theory]
    [InlineData("pause?path=/mnt/x/settled", HttpStatusCode.Conflict)]
    [InlineData("cancel?path=/mnt/x/folder", HttpStatusCode.Conflict)]
    [InlineData("cancel?path=/mnt/x", HttpStatusCode.Conflict)]
    [InlineData("pause?path=/mnt/x/none", HttpStatusCode.Conflict)]
    [InlineData("pause?path=/mnt/x/synced", HttpStatusCode.Conflict)]
    [InlineData("pause?path=/elsewhere/a", HttpStatusCode.Conflict)]
    [InlineData("cancel", HttpStatusCode.BadRequest)]
    [InlineData("resume?path=/mnt/x/synced", HttpStatusCode.Conflict)]
    [InlineData("retry?path=/elsewhere", HttpStatusCode.Conflict)]
    public async Task What_does_not_wait_cannot_be_held(string action, HttpStatusCode refused)
    {
        _rig.Agent.Drive.MakeDirectory("folder");
        _rig.Agent.Confirm(_rig.Agent.Drive.MakeDirectory("settled"));
        _rig.Agent.Confirm(_rig.Agent.Drive.MakeFile("synced", [1]));
        using var answer = await _rig.Http.PostAsync($"v1/{action}", null, Stop);
        Assert.Equal(refused, answer.StatusCode);
        Assert.Empty(_rig.Agent.Live.Holds);
    }

    [Fact]
    public async Task One_failed_file_gets_another_chance_and_the_others_do_not()
    {
        var folder = _rig.Agent.Drive.MakeDirectory("folder");
        var (file, other) = (_rig.Agent.Drive.MakeFile("a", [1], folder), _rig.Agent.Drive.MakeFile("b", [1]));
        _rig.Agent.Drive.Change(writer => writer.Fail(file, Problem.Failed, "refused"));
        _rig.Agent.Drive.Change(writer => writer.Fail(other, Problem.Failed, "refused"));

        Assert.Equal(1, (await _rig.PostAsync("v1/retry?path=/mnt/x/folder")).GetProperty("files").GetInt64());

        Assert.Equal((Problem.None, Problem.Failed), (_rig.Agent.Drive.Reader.Node(file)!.Problem, _rig.Agent.Drive.Reader.Node(other)!.Problem));
        Assert.Equal(0, (await _rig.PostAsync("v1/retry?path=/mnt/x/fold")).GetProperty("files").GetInt64());
    }
}
