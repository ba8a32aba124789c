using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

/// <summary>The log of a detached agent while it runs: descriptors that stay, files that change behind them.</summary>
public sealed class LogRotationTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new();
    private readonly string _log;
    private readonly SafeFileHandle _output;
    private readonly SafeFileHandle _copy;

    public LogRotationTests()
    {
        _log = _folder.At(LogFiles.Name);
        _output = File.OpenHandle(_log, FileMode.CreateNew, FileAccess.Write, FileShare.Write);
        _copy = File.OpenHandle(_log, FileMode.Open, FileAccess.Write, FileShare.Write);
    }

    [Fact]
    public void A_full_log_is_followed_by_a_new_private_one_and_only_so_many_are_kept()
    {
        using var rotation = Start(size: 100, files: 2);
        foreach (var line in (string[])["one", "two", "three", "four"])
        {
            Write(line.PadRight(150));
            _time.Advance(LogRotation.Interval);
        }

        Write("five");
        Assert.Equal(["agent.log", "agent.log.1", "agent.log.2"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        RandomAccess.Write(_copy, " and a copy"u8, 0);
        Assert.Equal("five and a copy", File.ReadAllText(_log));
        Assert.StartsWith("four ", File.ReadAllText(_log + ".1"), StringComparison.Ordinal);
        Assert.StartsWith("three ", File.ReadAllText(_log + ".2"), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_log));
    }

    [Fact]
    public void The_log_is_known_by_whatever_path_it_was_opened()
    {
        var link = _folder.At("link");
        Directory.CreateSymbolicLink(link, _folder.Path);
        File.WriteAllText(_folder.At("other"), "");
        Assert.True(LogRotation.IsBehind((int)_output.DangerousGetHandle(), Path.Combine(link, LogFiles.Name)));
        Assert.False(LogRotation.IsBehind((int)_output.DangerousGetHandle(), _folder.At("other")));
        Assert.False(LogRotation.IsBehind((int)_output.DangerousGetHandle(), _folder.At("missing")));
    }

    [Fact]
    public void A_log_that_is_not_full_is_left_alone()
    {
        using var rotation = Start(size: 1000, files: 2);
        Write("short");
        _time.Advance(10 * LogRotation.Interval);
        Assert.Equal([_log], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void One_that_somebody_took_away_is_begun_anew()
    {
        using var rotation = Start(size: 1000, files: 2);
        File.Delete(_log);
        _time.Advance(LogRotation.Interval);
        Write("again");
        Assert.Equal("again", File.ReadAllText(_log));
    }

    [Fact]
    public void When_fewer_are_to_be_kept_the_others_go()
    {
        for (var number = 1; number < 6; number++) File.WriteAllText($"{_log}.{number}", $"{number}");
        LogFiles.Shift(_log, keep: 2);
        Assert.Equal(["agent.log.1", "agent.log.2"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("1", File.ReadAllText(_log + ".2"));
    }

    [Fact]
    public void A_log_without_room_for_a_new_file_goes_on()
    {
        // Nothing can be opened at a name that is a folder's.
        Directory.CreateDirectory(_log + ".new");
        using var rotation = Start(size: 100, files: 2);
        Write("one".PadRight(150));
        _time.Advance(LogRotation.Interval);
        Write("two");
        Assert.StartsWith("two", File.ReadAllText(_log), StringComparison.Ordinal);
        Directory.Delete(_log + ".new");
        _time.Advance(LogRotation.Interval);
        Write("three");
        Assert.Equal("three", File.ReadAllText(_log));
    }

    public void Dispose()
    {
        _output.Dispose();
        _copy.Dispose();
        _folder.Dispose();
    }

    private LogRotation Start(long size, int files) =>
        new(_log, new LogSettings { FileSize = size, Files = files }, (int)_output.DangerousGetHandle(), _time, NullLogger.Instance);

    private void Write(string text) => RandomAccess.Write(_output, Encoding.ASCII.GetBytes(text), 0);
}
