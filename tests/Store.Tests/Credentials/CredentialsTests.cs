namespace SyncAgent.Store.Tests;

public class CredentialsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("the-token")]
    public void Printing_shows_no_secret(string? token)
    {
        var credentials = new StoreCredentials("the-id", "the-secret", token);
        foreach (var text in new[] { credentials.ToString(), $"{credentials}", new StaticCredentials(credentials).ToString() })
        {
            Assert.Contains("the-id", text, StringComparison.Ordinal);
            Assert.DoesNotContain("the-secret", text, StringComparison.Ordinal);
            Assert.DoesNotContain("the-token", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_environment_is_read_each_time()
    {
        var variables = new Dictionary<string, string?> { ["OSS_ACCESS_KEY_ID"] = "id ", ["OSS_ACCESS_KEY_SECRET"] = "s1" };
        var provider = new EnvironmentCredentials(variables.GetValueOrDefault);
        Assert.Equal(new StoreCredentials("id", "s1"), await provider.GetAsync(default));

        variables["OSS_SESSION_TOKEN"] = "t";
        variables["OSS_ACCESS_KEY_SECRET"] = "s2";
        Assert.Equal(new StoreCredentials("id", "s2", "t"), await provider.GetAsync(default));
    }

    [Theory]
    [InlineData(null, null, "OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET")]
    [InlineData("id", " ", "set OSS_ACCESS_KEY_SECRET ")]
    [InlineData("", "secret", "set OSS_ACCESS_KEY_ID ")]
    public async Task What_is_missing_is_named(string? id, string? secret, string named)
    {
        var provider = new EnvironmentCredentials(name => name switch { "OSS_ACCESS_KEY_ID" => id, "OSS_ACCESS_KEY_SECRET" => secret, _ => null });
        var error = await Assert.ThrowsAsync<StoreException>(async () => await provider.GetAsync(default));
        Assert.Equal(StoreErrorKind.BadCredentials, error.Kind);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "s")]
    [InlineData("i", " ")]
    public void Half_a_key_is_refused(string id, string secret) =>
        Assert.Throws<StoreException>(() => new StaticCredentials(new StoreCredentials(id, secret)));
}
