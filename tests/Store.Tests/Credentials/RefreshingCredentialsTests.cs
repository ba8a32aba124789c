namespace SyncAgent.Store.Tests;

public sealed class RefreshingCredentialsTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly ScriptedSource _source = new();
    private readonly RefreshingCredentials _provider;

    public RefreshingCredentialsTests() => _provider = new RefreshingCredentials(_source, _time);

    public void Dispose() => _provider.Dispose();

    [Fact]
    public async Task Many_callers_cost_one_fetch()
    {
        var asking = Enumerable.Range(0, 20).Select(_ => _provider.GetAsync(default).AsTask()).ToList();
        (await _source.NextAsync()).SetResult(ScriptedSource.Key("a", In(60)));
        Assert.All(await Task.WhenAll(asking), c => Assert.Equal("a", c.AccessKeyId));
        Assert.Equal("a", (await _provider.GetAsync(default)).AccessKeyId);
        Assert.Equal(1, _source.Fetches);
    }

    [Theory]
    [InlineData(60, 55)]
    [InlineData(6, 4)]
    public async Task They_are_renewed_well_before_they_end_and_nobody_waits_for_it(int lifeMinutes, int renewedAfterMinutes)
    {
        await FetchAsync("a", In(lifeMinutes));
        _time.Advance(TimeSpan.FromMinutes(renewedAfterMinutes) - TimeSpan.FromSeconds(1));
        Assert.Equal("a", (await _provider.GetAsync(default)).AccessKeyId);
        Assert.True(_provider.Renewing.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("a", (await _provider.GetAsync(default)).AccessKeyId);
        var renewing = _provider.Renewing;
        (await _source.NextAsync()).SetResult(ScriptedSource.Key("b", In(60)));
        await renewing;
        Assert.Equal("b", (await _provider.GetAsync(default)).AccessKeyId);
        Assert.Equal(2, _source.Fetches);
    }

    [Fact]
    public async Task The_old_ones_are_used_to_their_end_while_renewal_fails_ever_less_often()
    {
        await FetchAsync("a", In(60));
        _time.Advance(TimeSpan.FromMinutes(55));
        foreach (var wait in new[] { 0, 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            if (wait > 0)
            {
                _time.Advance(TimeSpan.FromSeconds(wait - 1));
                Assert.Equal("a", (await _provider.GetAsync(default)).AccessKeyId);
                Assert.True(_provider.Renewing.IsCompleted);
                _time.Advance(TimeSpan.FromSeconds(1));
            }

            Assert.Equal("a", (await _provider.GetAsync(default)).AccessKeyId);
            var renewing = _provider.Renewing;
            (await _source.NextAsync()).SetException(new StoreException(StoreErrorKind.Network, "no route"));
            await renewing;
        }

        _time.Advance(TimeSpan.FromMinutes(5));
        var ended = _provider.GetAsync(default).AsTask();
        (await _source.NextAsync()).SetException(new StoreException(StoreErrorKind.Network, "no route"));
        Assert.Equal(StoreErrorKind.Network, (await Assert.ThrowsAsync<StoreException>(() => ended)).Kind);
    }

    [Fact]
    public async Task A_failed_fetch_is_told_to_everybody_until_the_next_is_due()
    {
        var first = _provider.GetAsync(default).AsTask();
        (await _source.NextAsync()).SetException(new StoreException(StoreErrorKind.BadCredentials, "no role"));
        await Assert.ThrowsAsync<StoreException>(() => first);
        Assert.Equal("no role", (await Assert.ThrowsAsync<StoreException>(() => _provider.GetAsync(default).AsTask())).Message);
        Assert.Equal(1, _source.Fetches);
        _time.Advance(TimeSpan.FromSeconds(1));
        await FetchAsync("a", In(60));
    }

    [Fact]
    public async Task The_store_s_word_forces_one_renewal_however_many_were_refused()
    {
        var old = await FetchAsync("a", In(60));
        var renewing = Enumerable.Range(0, 8).Select(_ => _provider.RenewAsync(old, default).AsTask()).ToList();
        (await _source.NextAsync()).SetResult(ScriptedSource.Key("b", In(60)));
        Assert.All(await Task.WhenAll(renewing), c => Assert.Equal("b", c.AccessKeyId));
        // One more that was refused with the old ones, later.
        Assert.Equal("b", (await _provider.RenewAsync(old, default)).AccessKeyId);
        Assert.Equal(2, _source.Fetches);
    }

    [Fact]
    public async Task A_source_without_others_is_not_hammered()
    {
        var old = await FetchAsync("a", null);
        var renewing = _provider.RenewAsync(old, default).AsTask();
        (await _source.NextAsync()).SetResult(ScriptedSource.Key("a"));
        Assert.Equal(old, await renewing);
        Assert.Equal(old, await _provider.RenewAsync(old, default));
        Assert.Equal(2, _source.Fetches);

        _time.Advance(TimeSpan.FromSeconds(1));
        renewing = _provider.RenewAsync(old, default).AsTask();
        (await _source.NextAsync()).SetResult(ScriptedSource.Key("b"));
        Assert.Equal("b", (await renewing).AccessKeyId);
    }

    [Fact]
    public async Task Refused_ones_are_not_handed_out_again_while_the_source_is_away()
    {
        var old = await FetchAsync("a", In(60));
        var renewing = _provider.RenewAsync(old, default).AsTask();
        (await _source.NextAsync()).SetException(new StoreException(StoreErrorKind.Unavailable, "away"));
        Assert.Equal("away", (await Assert.ThrowsAsync<StoreException>(() => renewing)).Message);
        Assert.Equal("away", (await Assert.ThrowsAsync<StoreException>(() => _provider.GetAsync(default).AsTask())).Message);
        _time.Advance(TimeSpan.FromSeconds(1));
        await FetchAsync("b", In(60));
    }

    [Fact]
    public async Task A_clock_that_is_ahead_does_not_keep_new_credentials_from_being_used()
    {
        await FetchAsync("a", In(-30));
        Assert.Equal("a", (await _provider.GetAsync(default)).AccessKeyId);
        Assert.Equal(1, _source.Fetches);
    }

    [Fact]
    public async Task A_caller_that_gives_up_leaves_the_fetch_to_the_others()
    {
        using var impatient = new CancellationTokenSource();
        var one = _provider.GetAsync(impatient.Token).AsTask();
        var other = _provider.GetAsync(default).AsTask();
        var fetch = await _source.NextAsync();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        fetch.SetResult(ScriptedSource.Key("a"));
        Assert.Equal("a", (await other).AccessKeyId);
    }

    [Fact]
    public void Printing_shows_no_secret() => Assert.DoesNotContain("secret-a", ScriptedSource.Key("a").ToString(), StringComparison.Ordinal);

    private DateTimeOffset In(int minutes) => _time.GetUtcNow().AddMinutes(minutes);

    private async Task<StoreCredentials> FetchAsync(string id, DateTimeOffset? expires)
    {
        var asking = _provider.GetAsync(default).AsTask();
        (await _source.NextAsync()).SetResult(ScriptedSource.Key(id, expires));
        var credentials = await asking;
        Assert.Equal(id, credentials.AccessKeyId);
        return credentials;
    }
}
