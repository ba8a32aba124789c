using System.Reflection;
using Microsoft.Extensions.Logging;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Windows.Interop;
using SyncAgent.Fs.Windows.Tests.Driver;

namespace SyncAgent.Fs.Windows.Tests;

/// <summary>Callbacks that fail in ways that nobody foresaw, many at once, and while memory is moved.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData(nameof(IFileSystem.LookupFoldedAsync))]
    [InlineData(nameof(IFileSystem.OpenAsync))]
    [InlineData(nameof(IFileSystem.CreateAsync))]
    [InlineData(nameof(IFileSystem.ReadAsync))]
    [InlineData(nameof(IFileSystem.WriteAsync))]
    [InlineData(nameof(IFileSystem.SyncAsync))]
    [InlineData(nameof(IFileSystem.GetAttributesAsync))]
    [InlineData(nameof(IFileSystem.SetAttributesAsync))]
    [InlineData(nameof(IFileSystem.ClosedAsync))]
    [InlineData(nameof(IFileSystem.Released))]
    [InlineData(nameof(IFileSystem.UnlinkAsync))]
    [InlineData(nameof(IFileSystem.RenameAsync))]
    [InlineData(nameof(IFileSystem.OpenDirectoryAsync))]
    [InlineData(nameof(IFileSystem.ReadEntry))]
    public async Task An_exception_becomes_a_status_and_the_drive_goes_on(string method)
    {
        var log = new CountingLogger();
        FaultyFileSystem? faulty = null;
        await using var rig = new DriveRig(logger: log, wrap: inner =>
        {
            var proxy = DispatchProxy.Create<IFileSystem, FaultyFileSystem>();
            faulty = (FaultyFileSystem)(object)proxy;
            faulty.Inner = inner;
            return proxy;
        });
        rig.Save("\\f", "x");
        faulty!.Failing = method;
        var statuses = EveryCall(rig.Driver);
        faulty.Failing = null;
        Assert.True(log.Errors > 0);
        if (method is not (nameof(IFileSystem.ClosedAsync) or nameof(IFileSystem.Released) or nameof(IFileSystem.UnlinkAsync)))
            Assert.Contains(NtStatus.UnexpectedIoError, statuses);
        rig.Save("\\g", "after");
        Assert.Equal("after", rig.Load("\\g"));
    }

    [Fact]
    public async Task Threads_of_the_driver_and_the_collector_do_not_disturb_each_other()
    {
        await using var rig = new DriveRig();
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            // Not without a pause: on a machine that does nothing else nobody would get anywhere between two collections.
            do GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            while (!stop.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(5)));
        });
        collector.Start();
        var failures = new List<Exception>();
        var threads = Enumerable.Range(0, 4).Select(number => new Thread(() =>
        {
            try
            {
                for (var i = 0; i < 40; i++)
                {
                    rig.Save($"\\t{number}", $"{number} {i}");
                    Assert.Equal($"{number} {i}", rig.Load($"\\T{number}"));
                    Assert.NotEmpty(rig.Driver.Names("\\"));
                    Assert.Equal(NtStatus.ObjectNameNotFound, rig.Driver.Open("\\none", Disposition.Open, out _));
                }
            }
            catch (Exception e)
            {
                lock (failures) failures.Add(e);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        stop.Cancel();
        collector.Join();
        Assert.Empty(failures);
        Assert.Equal(["t0", "t1", "t2", "t3"], rig.Driver.Names("\\"));
    }

    [Fact]
    public async Task Local_reads_and_writes_allocate_nothing()
    {
        await using var rig = new DriveRig();
        var file = rig.Driver.Must("\\f", Disposition.Create);
        Assert.Equal(0, rig.Driver.AllocatedByReadsAndWrites(file, 500));
        rig.Driver.Close(file);
    }

    [Fact]
    public async Task A_context_that_is_not_open_is_refused()
    {
        await using var rig = new DriveRig();
        var file = rig.Driver.Must("\\f", Disposition.Create);
        rig.Driver.Close(file);
        Assert.Equal(NtStatus.FileClosed, rig.Driver.Read(file, 0, 1, out _));
        Assert.Equal(NtStatus.FileClosed, rig.Driver.Write(file, 0, [1]));
        Assert.Equal(NtStatus.FileClosed, rig.Driver.Info(file, out _));
        Assert.Equal(NtStatus.FileClosed, rig.Driver.Flush(file));
    }

    private static List<int> EveryCall(FakeDriver driver)
    {
        var statuses = new List<int>
        {
            driver.Open("\\new", Disposition.Create, out var made),
            driver.Open("\\f", Disposition.Open, out var file),
            driver.Enumerate("\\", out _),
        };
        foreach (var opened in (FileObject?[])[made, file])
        {
            if (opened is null) continue;
            statuses.Add(driver.Write(opened, 0, [1, 2, 3]));
            statuses.Add(driver.Read(opened, 0, 10, out _));
            statuses.Add(driver.Flush(opened));
            statuses.Add(driver.Info(opened, out _));
            statuses.Add(driver.SetSize(opened, 2, allocation: false, out _));
            statuses.Add(driver.SetBasic(opened, write: 132_000_000_000_000_000));
        }

        if (file is not null)
        {
            statuses.Add(driver.Rename(file, "\\renamed", replace: false));
            driver.Close(file);
        }

        if (made is null) return statuses;
        statuses.Add(driver.SetDelete(made, true));
        driver.Close(made);
        return statuses;
    }

    /// <summary>Passes everything on, but for one call that throws.</summary>
    public class FaultyFileSystem : DispatchProxy
    {
        internal IFileSystem Inner { get; set; } = null!;

        internal string? Failing { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name == Failing
            ? throw new InvalidOperationException($"{Failing} was made to fail")
            : targetMethod.Invoke(Inner, BindingFlags.DoNotWrapExceptions, null, args, null);
    }

    private sealed class CountingLogger : ILogger
    {
        private int _errors;

        public int Errors => _errors;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error) Interlocked.Increment(ref _errors);
        }
    }
}
