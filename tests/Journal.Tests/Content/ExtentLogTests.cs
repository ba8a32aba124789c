namespace SyncAgent.Journal.Tests;

public sealed class ExtentLogTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"syncagent-{Guid.NewGuid():n}.map");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_log_that_is_opened_again_goes_on()
    {
        using (var log = ExtentLog.Create(_path, 100))
        {
            log.Add(0, 10);
            log.Truncate(50);
        }

        using (var log = ExtentLog.Open(_path, 100)) log.Add(20, 30);
        var map = ExtentLog.Read(_path, 100);
        Assert.Equal((50L, 2, 20L), (map.BaseLimit, map.Count, map.Covered));
    }

    [Fact]
    public void Bytes_that_are_covered_already_cost_no_record()
    {
        using var log = ExtentLog.Create(_path, 100);
        log.Add(0, 50);
        var length = RandomAccess.GetLength(log.Handle);
        log.Add(10, 20);
        Assert.Equal(length, RandomAccess.GetLength(log.Handle));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(12)]
    [InlineData(23)]
    public void A_torn_tail_ends_the_log_and_is_written_over(int torn)
    {
        using (var log = ExtentLog.Create(_path, 0))
        {
            log.Add(0, 10);
            log.Add(20, 30);
        }

        using (var file = StagingFile.OpenForWriting(_path)) RandomAccess.SetLength(file, 24 + torn);
        Assert.Equal(10, ExtentLog.Read(_path, 0).Covered);
        using (var log = ExtentLog.Open(_path, 0)) log.Add(40, 45);
        Assert.Equal(15, ExtentLog.Read(_path, 0).Covered);
    }

    [Fact]
    public void A_damaged_record_ends_the_log()
    {
        using (var log = ExtentLog.Create(_path, 0))
        {
            for (var i = 0; i < 3000; i++) log.Add(i * 10, (i * 10) + 5); // more than one buffer
        }

        Assert.Equal(15_000, ExtentLog.Read(_path, 0).Covered);
        using (var file = StagingFile.OpenForWriting(_path)) RandomAccess.Write(file, [0xFF], (24 * 2000) + 3);
        Assert.Equal(10_000, ExtentLog.Read(_path, 0).Covered);
    }
}
