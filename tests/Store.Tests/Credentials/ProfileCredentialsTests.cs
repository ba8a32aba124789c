using System.Runtime.Versioning;

namespace SyncAgent.Store.Tests;

[SupportedOSPlatform("linux")]
public sealed class ProfileCredentialsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("syncagent-keys-").FullName;

    private string File => Path.Combine(_folder, "keys");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("[Credentials]\nlanguage=EN\nendpoint=oss-cn-hangzhou.aliyuncs.com\naccessKeyID=i\naccessKeySecret=s\n", null, null)]
    [InlineData("[Credentials]\naccessKeyID = i\naccessKeySecret = s\nstsToken = t\n", null, "t")]
    [InlineData("[default]\naccessKeyId=i\naccessKeySecret=s\nregion=cn-hangzhou\n[profile dev]\naccessKeyId=x\naccessKeySecret=y\n", null, null)]
    [InlineData("[default]\naccessKeyId=x\naccessKeySecret=y\n[profile dev]\naccessKeyId=i\naccessKeySecret=s\n", "dev", null)]
    [InlineData("# keys\r\n[default]\r\naws_access_key_id = i\r\naws_secret_access_key = s\r\naws_session_token = t\r\n", null, "t")]
    [InlineData("[other]\naws_access_key_id=x\naws_secret_access_key=y\n\n[backup]\ns3 =\n  max = 5\naws_access_key_id=i\naws_secret_access_key=s\n", "backup", null)]
    [InlineData("[only]\naws_access_key_id=i\naws_secret_access_key=s\n", null, null)]
    public async Task Files_of_the_usual_tools_are_understood(string text, string? profile, string? token)
    {
        Write(text);
        Assert.Equal(new StoreCredentials("i", "s", token), await new ProfileCredentials(File, profile).GetAsync(default));
    }

    [Fact]
    public async Task A_secret_may_hold_any_character()
    {
        Write("[default]\naws_access_key_id=i\naws_secret_access_key=a=b#c;d+/==\n");
        Assert.Equal("a=b#c;d+/==", (await new ProfileCredentials(File, null).GetAsync(default)).AccessKeySecret);
    }

    [Fact]
    public async Task A_change_of_the_file_is_seen_at_once()
    {
        Write("[default]\naccessKeyId=i\naccessKeySecret=s\n");
        var provider = new ProfileCredentials(File, null);
        Assert.Equal("s", (await provider.GetAsync(default)).AccessKeySecret);
        Write("[default]\naccessKeyId=i\naccessKeySecret=2\n");
        Assert.Equal("2", (await provider.GetAsync(default)).AccessKeySecret);

        // As editors and tools that write safely do it: another file under the same name.
        var other = Path.Combine(_folder, "new");
        Write("[default]\naccessKeyId=i\naccessKeySecret=3\n", other);
        System.IO.File.Move(other, File, overwrite: true);
        Assert.Equal("3", (await provider.GetAsync(default)).AccessKeySecret);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task A_file_that_others_can_touch_is_refused_with_the_command_that_helps(UnixFileMode extra)
    {
        Write("[default]\naccessKeyId=i\naccessKeySecret=the-secret\n");
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | extra);
        await RefusedAsync(null, $"chmod 600 {File}");
    }

    [Fact]
    public async Task Only_a_regular_file_is_read()
    {
        Directory.CreateDirectory(File, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await RefusedAsync(null, "not a regular file");
    }

    [Fact]
    public async Task A_missing_file_is_named() => await RefusedAsync(null, $"{File} does not exist");

    [Theory]
    [InlineData("[a]\nx=1\n[b]\nx=1\n", null, "no profile default; choose one of a, b")]
    [InlineData("[a]\nx=1\n", "c", "no profile c; choose one of a")]
    [InlineData("", null, "it has none")]
    [InlineData("[default]\naccessKeySecret=the-secret\n", null, "profile default: no accessKeyID")]
    [InlineData("[default]\naccessKeyId=i\naccessKeySecret=\n", null, "no accessKeySecret")]
    public async Task What_is_missing_is_named(string text, string? profile, string why)
    {
        Write(text);
        await RefusedAsync(profile, why);
    }

    private async Task RefusedAsync(string? profile, string why)
    {
        var error = await Assert.ThrowsAsync<StoreException>(async () => await new ProfileCredentials(File, profile).GetAsync(default));
        Assert.Equal(StoreErrorKind.BadCredentials, error.Kind);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("the-secret", error.ToString(), StringComparison.Ordinal);
    }

    private void Write(string text, string? path = null)
    {
        System.IO.File.WriteAllText(path ?? File, text);
        System.IO.File.SetUnixFileMode(path ?? File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
