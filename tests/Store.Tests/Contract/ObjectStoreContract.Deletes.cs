namespace SyncAgent.Store.Tests;

public abstract partial class ObjectStoreContract
{
    [Fact]
    public async Task Many_keys_go_together_and_those_already_gone_too()
    {
        string[] names = ["a", "b/c", "b/", "d"];
        foreach (var name in (string[])[.. names, "kept"]) await PutAsync(name, "x");
        string[] keys = [.. names.Append("never there").Select(Key)];
        var results = await Store.DeleteManyAsync(keys, default);
        Assert.Equal(keys.Select(key => new DeleteResult(key, null)), results);
        Assert.Equal([Key("kept")], (await ListAllAsync(new ListRequest(Prefix))).Keys);
        Assert.All(await Store.DeleteManyAsync(keys, default), result => Assert.Null(result.Error));
    }

    /// <summary>Names of which a careless document, or a careless parser, makes another's name, with that other.</summary>
    public static TheoryData<string, string> Traps => new()
    {
        { "a&amp;b", "a&b" }, { "a%2fb", "a/b" }, { "a+b", "a b" }, { "trailing ", "trailing" }, { " leading", "leading" }, { "x</Key>y", "x" },
        { "tab\tin", "tab in" }, { "&#97;", "a" }, { "quote\"'", "quote" }, { "a//b", "a/b" }, { "./x", "x" }, { "e\u0301", "é" }, { "\u007f", "x" },
    };

    [Theory]
    [MemberData(nameof(Traps))]
    public async Task Of_many_keys_exactly_those_go(string name, string other)
    {
        foreach (var each in (string[])[name, other, "second"]) await PutAsync(each, "x");
        var results = await Store.DeleteManyAsync([Key(name), Key("second")], default);
        Assert.Equal([new DeleteResult(Key(name), null), new DeleteResult(Key("second"), null)], results);
        Assert.Equal([Key(other)], (await ListAllAsync(new ListRequest(Prefix))).Keys);
    }

    [Fact]
    public async Task All_odd_names_go_in_one_call()
    {
        List<string> names = [.. OddNames.Select(row => row.Data)];
        foreach (var name in names) await PutAsync(name, "x");
        Assert.All(await Store.DeleteManyAsync([.. names.Select(Key)], default), result => Assert.Null(result.Error));
        Assert.Empty((await ListAllAsync(new ListRequest(Prefix))).Keys);
    }

    [Fact]
    public async Task One_to_a_thousand_keys_can_be_deleted_at_once()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.DeleteManyAsync([], default));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.DeleteManyAsync([.. Enumerable.Range(0, 1001).Select(n => Key($"{n}"))], default));
        await PutAsync("999", "x");
        var results = await Store.DeleteManyAsync([.. Enumerable.Range(0, 1000).Select(n => Key($"{n}"))], default);
        Assert.Equal(1000, results.Count(result => result.Error is null));
        Assert.Empty((await ListAllAsync(new ListRequest(Prefix))).Keys);
    }
}
