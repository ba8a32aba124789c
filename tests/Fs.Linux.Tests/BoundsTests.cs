using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Session;
using SyncAgent.Fs.Linux.Tests.Doubles;

namespace SyncAgent.Fs.Linux.Tests;

/// <summary>What can grow has an end.</summary>
public class BoundsTests
{
    [Fact]
    public void Readers_wait_when_the_requests_under_way_reach_their_limit()
    {
        var pool = new RequestPool(new RecordingChannel(), limit: 2, retained: 1);
        var first = pool.Rent();
        var second = pool.Rent();
        FuseRequest? third = null;
        using var waiting = new ManualResetEventSlim();
        var reader = new Thread(() =>
        {
            waiting.Set();
            third = pool.Rent();
        });
        reader.Start();
        waiting.Wait();
        while (reader.ThreadState != ThreadState.WaitSleepJoin) Thread.Yield();
        Assert.Null(third);
        pool.Return(first);
        Assert.True(reader.Join(TimeSpan.FromSeconds(30)));
        Assert.Same(first, third);
        Assert.NotSame(second, third);
    }

    [Fact]
    public void Outside_changes_beyond_the_limit_are_dropped_and_logged_once_and_nobody_waits()
    {
        var channel = new StuckChannel();
        var fileSystem = new MemoryFileSystem();
        var logger = new CountingLogger();
        using (new KernelNotifier(channel, fileSystem, capacity: 16, logger))
        {
            fileSystem.Announce(new FsInvalidation(new NodeId(50), null));
            Assert.True(channel.Entered.Wait(TimeSpan.FromSeconds(30)));
            for (var i = 0; i < 100; i++) fileSystem.Announce(new FsInvalidation(new NodeId(51), $"n{i}"));
            Assert.Single(logger.Messages);
            channel.GoOn.Set();
        }

        Assert.Equal(17, channel.Count);
    }

    private sealed class StuckChannel : IFuseChannel
    {
        public ManualResetEventSlim Entered { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public int Count { get; private set; }

        public Errno Send(ReadOnlySpan<byte> message)
        {
            Count++;
            Entered.Set();
            GoOn.Wait();
            return Errno.None;
        }
    }

    private sealed class CountingLogger : ILogger
    {
        public ConcurrentQueue<string> Messages { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Enqueue(formatter(state, exception));
    }
}
