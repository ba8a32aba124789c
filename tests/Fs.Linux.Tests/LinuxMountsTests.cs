using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux.Tests;

public class LinuxMountsTests
{
    [Fact]
    public void A_line_is_taken_apart()
    {
        const string line = @"59 28 0:47 / /mnt/my\040drive\134x rw,nosuid shared:5 master:2 - fuse.syncagent oss\054bucket rw,user_id=0";
        Assert.Equal(new LinuxMount(59, "0:47", @"/mnt/my drive\x", "fuse.syncagent", "oss,bucket"), LinuxMounts.Parse(line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 2 3")]
    [InlineData("59 28 0:47 / /mnt rw - fuse")]
    [InlineData("x 28 0:47 / /mnt rw - fuse a rw")]
    public void Anything_else_is_no_mount(string line) => Assert.Null(LinuxMounts.Parse(line));

    [Theory]
    [InlineData(@"gr\303\266\303\237e", "größe")]
    [InlineData(@"a\04", @"a\04")]
    [InlineData(@"a\999", @"a\999")]
    [InlineData(@"tab\011", "tab\t")]
    public void Octal_bytes_become_text(string escaped, string text) => Assert.Equal(text, LinuxMounts.Unescape(escaped));

    [Fact]
    public void The_root_is_found() => Assert.True(LinuxMounts.TryFind("/", out _));

    [Fact]
    public void Nothing_is_found_where_nothing_is_mounted() => Assert.False(LinuxMounts.TryFind("/proc/self/no-such-place", out _));

    [Theory]
    [InlineData("CapEff:\t000001ffffffffff", true)]
    [InlineData("CapEff:\t0000000000200000", true)]
    [InlineData("CapEff:\tffffffffffdfffff", false)]
    [InlineData("CapPrm:\t000001ffffffffff", false)]
    public void Mounting_needs_one_capability(string line, bool may) => Assert.Equal(may, Mounters.MayMount(["Name:\tx", line]));

    [Theory]
    [InlineData("SigPnd:\t0000000000000100", true)]
    [InlineData("ShdPnd:\t0000000000004100", true)]
    [InlineData("ShdPnd:\t0000000000002000", false)] // SIGALRM
    [InlineData("SigBlk:\t0000000000000100", false)]
    public void A_caller_with_a_pending_kill_is_dying(string line, bool dying) =>
        Assert.Equal(dying, CallerState.IsDying(["Name:\tcat", line]));
}
