using SyncAgent.TestKit;

namespace SyncAgent.Journal.Tests;

public sealed class LostAndFoundTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("syncagent-test-").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly LostAndFound _lost;

    public LostAndFoundTests() => _lost = new LostAndFound(_state, _time);

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public void What_is_added_is_listed_with_its_reason_its_time_and_the_path_that_its_mark_says()
    {
        Assert.Empty(_lost.List());
        var file = Make("abc", "bytes");
        File.WriteAllText(file + ".map", "map");
        MarkFile.Write(file, new StagingMark { Node = 7, Generation = 8, Path = "dir/ünï\ncode" }.Format());

        var added = _lost.Add(file, "nobody\nknows it");
        Assert.Equal(added, Assert.Single(_lost.List()) with { Why = added.Why });
        Assert.Equal((5, "dir/ünï\ncode"), (added.Bytes, added.OriginalPath));
        Assert.Equal("nobody knows it", _lost.List()[0].Why);
        Assert.Equal(_time.GetUtcNow(), added.When);
        Assert.Equal("bytes", File.ReadAllText(added.File));
        Assert.Equal("map", File.ReadAllText(added.File + ".map"));
        Assert.False(File.Exists(file) || File.Exists(file + ".map"));
        Assert.Contains("path=dir/ünï%0Acode\n", File.ReadAllText(added.File + ".txt"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_earlier_file_of_the_same_name_and_second_is_never_overwritten()
    {
        for (var i = 0; i < 3; i++) _lost.Add(Make("abc", $"content {i}"), "why");
        Assert.Equal(["content 0", "content 1", "content 2"], _lost.List().Select(lost => File.ReadAllText(lost.File)));
    }

    [Fact]
    public void A_note_that_is_missing_hides_no_file()
    {
        var added = _lost.Add(Make("abc", "bytes"), "why");
        File.Delete(added.File + ".txt");
        var found = Assert.Single(_lost.List());
        Assert.Equal((added.File, 5, "", null), (found.File, found.Bytes, found.Why, found.OriginalPath));
    }

    [Fact]
    public void A_mark_comes_back_as_it_was_also_from_a_file_beside_it()
    {
        var mark = new StagingMark
        {
            Drive = new DriveRow(3, 0, "oss", "http://host:1/", "cn", "bucket", "a%0Ab/", "/mnt/x y"), Node = 1L << 40, Generation = 9,
            State = GenerationState.Sealed, Size = 10, Crc = ulong.MaxValue, Boot = "boot", Base = BaseKind.Remote, BaseKey = "k=v\r", BaseETag = "\"e\"",
            BaseSize = 11, RemoteETag = "r", RemoteCrc = 5, RemoteSize = 12, Mode = 0b110_100_100, Uid = 1000, Gid = 1001,
            ModifyTime = 1_700_000_000_123_456_789, Ignored = true, Path = "a/b\nc",
        };
        var file = Make("abc", "x");
        MarkFile.Write(file, mark.Format());
        Assert.Equal(mark, StagingMark.TryRead(file));

        File.WriteAllText(file + MarkFile.Suffix, (mark with { Size = 99 }).Format()); // as on a file system without attributes
        Assert.Equal(99, StagingMark.TryRead(file)!.Size);
        Assert.Null(StagingMark.TryParse("no mark"));
    }

    private string Make(string name, string text)
    {
        var path = Path.Combine(_state, name);
        File.WriteAllText(path, text);
        return path;
    }
}
