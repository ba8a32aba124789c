using System.Net;
using System.Text.Json;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Tests;

/// <summary>Lists of files and of what happened, page by page.</summary>
public sealed class ListsTests : IAsyncLifetime
{
    private StatusRig _rig = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _rig = await StatusRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_list_of_files_goes_on_where_the_page_ended()
    {
        var folder = _rig.Agent.Drive.MakeDirectory("folder");
        var made = Enumerable.Range(0, 7).Select(number => $"/mnt/x/folder/{number}").ToList();
        for (var number = 0; number < 7; number++) _rig.Agent.Drive.MakeFile($"{number}", [1, 2], folder);
        var named = new List<string>();
        string? next = null;
        do
        {
            var page = await _rig.GetAsync("v1/files?limit=3&search=FOLDER/" + (next is null ? "" : $"&after={next}"));
            var files = page.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("path").GetString()!).ToList();
            Assert.True(files.Count <= 3);
            named.AddRange(files);
            next = page.GetProperty("more").GetBoolean() ? page.GetProperty("next").GetString() : null;
        }
        while (next is not null);
        Assert.Equal(made, named);
    }

    [Fact]
    public async Task A_list_is_of_states_of_a_drive_and_of_what_is_searched()
    {
        _rig.Agent.Drive.MakeFile("Report.PDF", [1]);
        var failed = _rig.Agent.Drive.MakeFile("b", [1]);
        var conflict = _rig.Agent.Drive.MakeFile("c", [1]);
        _rig.Agent.Drive.Change(writer => writer.Fail(failed, Problem.Failed, "refused"));
        _rig.Agent.Drive.Change(writer => writer.Fail(conflict, Problem.Conflict, "both are kept"));
        Assert.Equal(["/mnt/x/b", "/mnt/x/c"], await PathsAsync("v1/files?state=failed,conflict"));
        Assert.Equal(["/mnt/x/Report.PDF"], await PathsAsync("v1/files?search=report"));
        Assert.Equal(3, (await PathsAsync("v1/files?mount=/mnt/x")).Count);
        Assert.Empty(await PathsAsync("v1/files?mount=/mnt/other"));
    }

    [Theory]
    [InlineData("v1/files?state=odd")]
    [InlineData("v1/files?limit=0")]
    [InlineData("v1/files?limit=many")]
    [InlineData("v1/files?after=1")]
    [InlineData("v1/history?before=x")]
    public async Task What_makes_no_sense_is_refused(string path)
    {
        using var answer = await _rig.Http.GetAsync(path, Stop);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task The_history_is_told_from_its_end_and_searched()
    {
        for (var number = 0; number < 5; number++) Add(HistoryKind.Uploaded, $"folder/{number}");
        Add(HistoryKind.Deleted, "100%_sure");
        Add(HistoryKind.Failed, "other", "refused");
        Add(HistoryKind.Uploaded, "folder/"); // no marker of a folder is history

        var first = await _rig.GetAsync("v1/history?limit=3");
        var rest = await _rig.GetAsync($"v1/history?limit=10&before={first.GetProperty("next").GetString()}");

        Assert.Equal(["/mnt/x/other", "/mnt/x/100%_sure", "/mnt/x/folder/4"], Paths(first, "entries"));
        Assert.Equal(["/mnt/x/folder/3", "/mnt/x/folder/2", "/mnt/x/folder/1", "/mnt/x/folder/0"], Paths(rest, "entries"));
        Assert.False(rest.TryGetProperty("next", out _));
        var failed = first.GetProperty("entries")[0];
        Assert.Equal(("failed", "refused", "/mnt/x"), (failed.GetProperty("what").GetString(), failed.GetProperty("reason").GetString(), failed.GetProperty("mount").GetString()));
        Assert.Equal(["/mnt/x/100%_sure"], Paths(await _rig.GetAsync("v1/history?search=%25_S"), "entries"));
        Assert.Empty(Paths(await _rig.GetAsync("v1/history?search=1%25"), "entries"));
    }

    private void Add(HistoryKind what, string key, string? reason = null) =>
        _rig.Agent.Drive.Change(writer => writer.AddHistory(new HistoryRow(0, _rig.Agent.Drive.Row.Id, 1_700_000_000_000, what, key, 1, null, reason)));

    private static List<string?> Paths(JsonElement answer, string list) => [.. answer.GetProperty(list).EnumerateArray().Select(entry => entry.GetProperty("path").GetString())];

    private async Task<List<string?>> PathsAsync(string path) => Paths(await _rig.GetAsync(path), "files");
}
