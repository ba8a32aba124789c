using System.Text.Json;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>Objects of the bucket through the kernel: a store that is silent, away, or slow, and objects that change.</summary>
public class ReadingTests
{
    [Fact]
    public async Task Stuck_reads_hold_up_nothing_else_and_their_readers_can_be_killed()
    {
        await using var rig = await Rig.StartAsync();
        await rig.ChangeBucketAsync("put", "large.bin", rig.MakeFile("large.bin", 40 << 20, seed: 80));
        await MountAsync(rig, readTimeoutSeconds: 600);
        await rig.ListAsync();
        await rig.PythonAsync("os.pread(os.open('large.bin', os.O_RDONLY), 4096, 0)");
        await rig.Store.AddFaultAsync(new { Kind = "Hang", Operation = "GetObject", Times = (int?)null });
        await rig.PythonAsync($$"""
            import signal, time
            source = open('{{rig.Work}}/large.bin', 'rb').read(4096)
            readers = []
            for i in range(64):
                pid = os.fork()
                if pid == 0:
                    os.pread(os.open('large.bin', os.O_RDONLY), 4096, (i + 1) * 600_000)
                    os._exit(3)
                readers.append(pid)

            def stuck(pid):
                return open(f'/proc/{pid}/syscall').read().startswith('17 ')  # pread64

            for _ in range(1200):
                if all(map(stuck, readers)): break
                time.sleep(0.05)
            assert all(map(stuck, readers))

            def read(name, length):
                fd = os.open(name, os.O_RDONLY)
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                return os.read(fd, length)

            begun = time.monotonic()
            with open('new', 'wb') as new: new.write(b'x' * 3_000_000)
            for _ in range(20):
                assert read('new', 3_000_000) == b'x' * 3_000_000
                assert read('large.bin', 4096) == source
                os.mkdir('folder'); os.rename('folder', 'other'); os.rmdir('other')
                assert sorted(os.listdir('.')) == ['large.bin', 'new']
            calls = time.monotonic() - begun
            assert all(map(stuck, readers))

            begun = time.monotonic()
            for pid in readers: os.kill(pid, signal.SIGKILL)
            for pid in readers: os.waitpid(pid, 0)
            killed = time.monotonic() - begun
            assert calls < 30 and killed < 30, (calls, killed)
            """);
        await rig.Store.ClearFaultsAsync();
    }

    [Fact]
    public async Task A_silent_store_ends_a_read_in_time()
    {
        await using var rig = await Rig.StartAsync();
        await rig.ChangeBucketAsync("put", "file", rig.MakeFile("file", 3 << 20, seed: 81));
        await MountAsync(rig, readTimeoutSeconds: 2);
        await rig.ListAsync();
        await rig.Store.AddFaultAsync(new { Kind = "Hang", Operation = "GetObject", Times = (int?)null });
        await rig.PythonAsync("""
            import errno
            try:
                os.pread(os.open('file', os.O_RDONLY), 10, 0)
                assert False
            except OSError as e:
                assert e.errno == errno.ETIMEDOUT, e
            """);
        await rig.Store.ClearFaultsAsync();
        await rig.ShAsync("""cmp file "$DRIVE"/file""");
    }

    [Fact]
    public async Task What_was_read_is_read_again_after_a_kill_without_the_store()
    {
        await using var rig = await Rig.StartAsync();
        await rig.ChangeBucketAsync("put", "large.bin", rig.MakeFile("large.bin", 20 << 20, seed: 82));
        await rig.MountAsync();
        await rig.ListAsync();
        await rig.ShAsync("""cmp large.bin "$DRIVE"/large.bin""");
        var written = await rig.PythonAsync($"""
            import sqlite3, time
            index = sqlite3.connect('file:{rig.State}/cache.db?mode=ro', uri=True)
            for _ in range(1200):
                if index.execute('SELECT SUM(bytes) FROM cached').fetchone()[0] == 20 << 20: break
                time.sleep(0.05)
            print(index.execute('SELECT SUM(bytes) FROM cached').fetchone()[0])
            """);
        Assert.Equal($"{20 << 20}", written);
        await rig.KillAgentAsync();
        await rig.Store.KillAsync();
        await rig.MountAsync();
        await rig.ShAsync("""cmp large.bin "$DRIVE"/large.bin""");
    }

    [Fact]
    public async Task An_object_that_changed_is_stale_for_its_reader_and_new_for_the_next()
    {
        await using var rig = await Rig.StartAsync();
        await rig.ChangeBucketAsync("put", "file", rig.MakeFile("former", 4 << 20, seed: 83));
        await rig.MountAsync();
        await rig.ListAsync();
        var reader = rig.PythonAsync($$"""
            import errno, time
            work = '{{rig.Work}}'
            source = lambda name: open(f'{work}/{name}', 'rb').read()
            fd = os.open('file', os.O_RDONLY)
            assert os.pread(fd, 1000, 0) == source('former')[:1000]
            open(f'{work}/read', 'w').close()
            while not os.path.exists(f'{work}/changed'): time.sleep(0.02)
            try:
                os.pread(fd, 1000, 3 << 20)
                assert False
            except OSError as e:
                assert e.errno == errno.ESTALE, e
            assert open('file', 'rb').read() == source('now')
            assert os.pread(fd, 1000, 0) == source('former')[:1000]
            """);
        await Poll.UntilAsync(() => File.Exists(Path.Combine(rig.Work, "read")) || reader.IsCompleted, "the first read");
        await rig.ChangeBucketAsync("put", "file", rig.MakeFile("now", 5 << 20, seed: 84));
        await File.Create(Path.Combine(rig.Work, "changed")).DisposeAsync();
        await reader;
    }

    [Fact]
    public async Task A_file_that_is_being_uploaded_can_be_read()
    {
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("large.bin", 24 << 20, seed: 85);
        await rig.Store.LimitAsync(2 << 20);
        await rig.ShAsync("""cp large.bin "$DRIVE"/large.bin""");
        await rig.Store.PartsArrivedAsync(1 << 20);
        await rig.ShAsync("""cmp large.bin "$DRIVE"/large.bin""");
        Assert.DoesNotContain(await rig.Store.LogAsync(), request => request.Operation == "GetObject");
        await rig.Store.LimitAsync(0);
        (await rig.WaitAsync()).Expect(0);
    }

    private static async Task MountAsync(Rig rig, int readTimeoutSeconds)
    {
        var config = Path.Combine(rig.Work, "config.json");
        await using (var file = File.Create(config))
        {
            await JsonSerializer.SerializeAsync(file, new
            {
                state = rig.State,
                drives = new[]
                {
                    new
                    {
                        mount = rig.Drive, store = "oss", endpoint = rig.Store.Endpoint.GetLeftPart(UriPartial.Authority), region = "cn-hangzhou",
                        bucket = DevStoreProcess.Bucket,
                    },
                },
                limits = new { readTimeoutSeconds },
            });
        }

        await rig.MountAsync(["mount", "--config", config]);
    }
}
