using SyncAgent.Tray.Api;
using SyncAgent.Tray.Model;
using SyncAgent.Tray.Tests.Api;

namespace SyncAgent.Tray.Tests.Model;

/// <summary>From the agent's picture to icon, tooltip and menu.</summary>
public sealed class ViewBuilderTests
{
    private const string Problem = """{"path":"/home/me/drive/docs/broken.pdf","state":"Failed","reason":"AccessDenied: ask for the right to write"}""";

    [Fact]
    public void At_rest_it_says_so_and_nothing_more()
    {
        var view = ViewBuilder.Of(Snapshots.Of(Snapshots.Json()));
        Assert.Equal((AgentState.Idle, "SyncAgent: up to date"), (view.State, view.Tooltip));
        Assert.Equal(
            ["SyncAgent: up to date", "--", "drive: up to date", "--", "Pause", "Open status page", "--", "About SyncAgent", "Quit"], Lines(view.Menu));
        Assert.Equal(new OpenFolder("/home/me/drive"), Find(view, "drive: up to date").Action);
        Assert.Equal(new Quit(null), Find(view, "Quit").Action);
    }

    [Fact]
    public void While_it_sends_it_shows_what_how_far_and_how_fast()
    {
        var active = string.Join(',', Enumerable.Range(1, 7).Select(i => $$"""{"node":{{i}},"key":"k","path":"/home/me/drive/a/f{{i}}","sent":{{i}},"total":10}"""));
        var view = ViewBuilder.Of(Snapshots.Of(Snapshots.Json(
            "syncing", """ "uploading":7,"queued":5 """, active, queued: 5, uploading: 7, speed: 1_300_000)));
        Assert.Equal((AgentState.Syncing, "SyncAgent: 7 uploading, 5 waiting, 1.2 MiB/s"), (view.State, view.Tooltip));
        Assert.Equal(
            [
                "SyncAgent: 7 uploading, 5 waiting, 1.2 MiB/s", "--", "drive: 12 to go", "--", "f1  10 %", "f2  20 %", "f3  30 %", "f4  40 %", "f5  50 %", "and 2 more", "--",
                "Pause", "Open status page", "--", "About SyncAgent", "Quit (12 files still pending)",
            ],
            Lines(view.Menu));
        Assert.Equal(new OpenFolder("/home/me/drive/a"), Find(view, "f1  10 %").Action);
        var quit = Assert.IsType<Quit>(Find(view, "Quit (12 files still pending)").Action);
        Assert.Equal("12 files (3.5 MiB) still pending. The agent goes on sending them; only this icon goes away.", quit.Warning);
    }

    [Fact]
    public void Paused_offers_to_go_on_and_counts_what_is_held()
    {
        var view = ViewBuilder.Of(Snapshots.Of(Snapshots.Json("paused", """ "paused":1 """, paused: true)));
        Assert.Equal((AgentState.Paused, "SyncAgent: paused, 1 waiting"), (view.State, view.Tooltip));
        Assert.Equal(new SetPaused(false), Find(view, "Resume").Action);
        Assert.Contains("keeps them", Assert.IsType<Quit>(Find(view, "Quit (1 file still pending)").Action).Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_drives_each_has_a_menu_that_opens_and_holds_it_alone()
    {
        var view = ViewBuilder.Of(Snapshots.Of(Snapshots.Json(otherDrive: Snapshots.OtherDrive("/home/me/photos", "attention", "paused"))));
        var (drive, photos) = (Find(view, "drive: up to date").Children, Find(view, "photos: needs you").Children);
        Assert.Equal(["Open folder", "Pause drive"], Lines(drive));
        Assert.Equal([new OpenFolder("/home/me/drive"), new SetPaused(true, "/home/me/drive")], drive.Select(item => item.Action));
        Assert.Equal(["Open folder", "Resume photos"], Lines(photos)); // held, whatever else there is to say of it
        Assert.Equal(new SetPaused(false, "/home/me/photos"), photos[1].Action);
        Assert.Equal(new SetPaused(true), Find(view, "Pause all").Action);

        view = ViewBuilder.Of(Snapshots.Of(Snapshots.Json(otherDrive: Snapshots.OtherDrive("/home/me/photos", "attention", mounted: false))));
        Assert.Equal(new OpenFolder("/home/me/drive"), Find(view, "drive: up to date").Action);
        Assert.False(Find(view, "photos: not mounted").IsEnabled);
    }

    [Fact]
    public void What_needs_the_user_is_named_with_its_reason_and_can_be_tried_again()
    {
        var view = ViewBuilder.Of(Snapshots.Of(Snapshots.Json("attention", """ "failed":1 """, problems: Problem)));
        Assert.Equal((AgentState.Attention, "SyncAgent: 1 file needs you"), (view.State, view.Tooltip));
        var problems = Find(view, "Problems (1)").Children;
        Assert.Equal(["broken.pdf: AccessDenied: ask for the right to write", "--", "Try again"], Lines(problems));
        Assert.Equal(new OpenFolder("/home/me/drive/docs"), problems[0].Action);
        Assert.IsType<RetryAll>(problems[2].Action);
    }

    [Fact]
    public void More_problems_than_fit_lead_to_the_page()
    {
        var many = string.Join(',', Enumerable.Range(1, 14).Select(i => $$"""{"path":"/home/me/drive/f{{i}}","state":"Conflict"}"""));
        var problems = Find(ViewBuilder.Of(Snapshots.Of(Snapshots.Json("attention", problems: many))), "Problems (14)").Children;
        Assert.Equal(ViewBuilder.MaxListed + 1, problems.Count);
        Assert.Equal(("and 4 more", new OpenPage()), (problems[^1].Label, problems[^1].Action));
    }

    [Theory]
    [InlineData(""" "state":"offline","error":"connection refused" """, "SyncAgent: the store is away, 2 waiting", "drive: store away, 2 waiting")]
    [InlineData(""" "state":"refused","error":"the keys are wrong" """, "SyncAgent: the store refuses, 2 waiting", "drive: store refuses, 2 waiting")]
    public void A_store_that_is_away_or_refuses_is_named_with_its_error(string health, string tooltip, string drive)
    {
        var view = ViewBuilder.Of(Snapshots.Of(Snapshots.Json("offline", """ "queued":2 """, queued: 2, health: health)));
        Assert.Equal((AgentState.Offline, tooltip), (view.State, view.Tooltip));
        Assert.Contains(drive, Lines(view.Menu));
        Assert.Contains(view.Menu, item => item.Label.StartsWith("drive: ", StringComparison.Ordinal) && !item.IsEnabled);
    }

    [Fact]
    public void Recent_files_come_newest_first()
    {
        var view = ViewBuilder.Of(Snapshots.Of(Snapshots.Json(recent: """
            {"path":"/home/me/drive/old","size":10,"time":"2026-01-01T00:00:00Z"},{"path":"/home/me/drive/sub/new","size":2048,"time":"2026-01-01T00:00:05Z"}
            """)));
        var recent = Find(view, "Recent files").Children;
        Assert.Equal(["new  2 KiB", "old  10 B"], Lines(recent));
        Assert.Equal(new OpenFolder("/home/me/drive/sub"), recent[0].Action);
    }

    [Fact]
    public void Troubles_of_the_disk_stand_on_top_and_a_drive_that_is_not_mounted_cannot_be_opened()
    {
        var view = ViewBuilder.Of(Snapshots.Of(Snapshots.Json("attention", more: """ "readOnlyReason":"no space is left", """, mounted: false)));
        Assert.Equal("SyncAgent: read-only", view.Tooltip);
        Assert.Equal("Read-only: no space is left", view.Menu[1].Label);
        Assert.False(Find(view, "drive: not mounted").IsEnabled);
    }

    [Fact]
    public void Without_an_agent_only_what_works_without_one_is_offered()
    {
        var view = ViewBuilder.WithoutAgent("the address cannot be read");
        Assert.Equal((AgentState.Offline, "SyncAgent: the agent is not running"), (view.State, view.Tooltip));
        Assert.Equal(["SyncAgent: the agent is not running", "the address cannot be read", "--", "About SyncAgent", "Quit"], Lines(view.Menu));
    }

    [Fact]
    public void Keys_are_unique_in_each_menu_so_that_an_open_one_changes_in_place()
    {
        var view = ViewBuilder.Of(Snapshots.Of(Snapshots.Json(
            "attention", """ "uploading":1 """, """{"node":1,"key":"k","path":"/home/me/drive/x","sent":1,"total":2}""", Problem,
            """{"path":"/home/me/drive/x","size":1,"time":"2026-01-01T00:00:00Z"}""", uploading: 1)));
        Assert.Equal(view.Menu.Count, view.Menu.Select(item => item.Key).Distinct().Count());
        Assert.All(view.Menu, item => Assert.Equal(item.Children.Count, item.Children.Select(child => child.Key).Distinct().Count()));
    }

    private static IEnumerable<string> Lines(IEnumerable<MenuItem> menu) => menu.Select(item => item.IsSeparator ? "--" : item.Label);

    private static MenuItem Find(TrayView view, string label) => Assert.Single(view.Menu, item => item.Label == label);
}
