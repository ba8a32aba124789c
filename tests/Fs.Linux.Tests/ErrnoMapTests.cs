using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux.Tests;

public class ErrnoMapTests
{
    [Fact]
    public void Every_kind_has_an_error_number_of_its_own()
    {
        var numbers = Enum.GetValues<FsErrorKind>().Select(ErrnoMap.ToErrno).ToList();
        Assert.DoesNotContain(Errno.None, numbers);
        Assert.Equal(numbers.Count, numbers.Distinct().Count());
    }

    [Theory]
    [InlineData(FsErrorKind.NotFound, 2)]
    [InlineData(FsErrorKind.NoSpace, 28)]
    [InlineData(FsErrorKind.Offline, 110)]
    [InlineData(FsErrorKind.Stale, 116)]
    [InlineData(FsErrorKind.InvalidName, 84)]
    [InlineData(FsErrorKind.NotSupported, 95)]
    [InlineData(FsErrorKind.NotEmpty, 39)]
    [InlineData(FsErrorKind.NameTooLong, 36)]
    public void Numbers_are_those_of_Linux(FsErrorKind kind, int number) => Assert.Equal(number, (int)ErrnoMap.ToErrno(kind));

    [Fact]
    public void An_unknown_kind_is_a_bug() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ErrnoMap.ToErrno((FsErrorKind)(-1)));
}
