using System.Text;

namespace SyncAgent.Fs.Linux.Tests.Mounting;

/// <summary>What programs do with files, through the kernel.</summary>
public class FileTests
{
    [Fact]
    public async Task Bytes_come_back_as_they_were_written()
    {
        await using var drive = Drive.Mount();
        await Shell.ShAsync(drive.Path, """
            head -c 5000003 /dev/urandom > /dev/shm/fuse-test-$$
            cp /dev/shm/fuse-test-$$ f
            cmp f /dev/shm/fuse-test-$$
            dd if=/dev/shm/fuse-test-$$ of=g bs=4093 status=none
            dd if=g bs=1M status=none | cmp - /dev/shm/fuse-test-$$
            rm /dev/shm/fuse-test-$$
            """);
        Assert.Equal(drive.FileSystem.Content("f"), drive.FileSystem.Content("g"));
    }

    [Fact]
    public async Task Calls_that_complete_later_work_alike()
    {
        await using var drive = Drive.Mount();
        var text = await Shell.ShAsync(drive.Path, """
            seq 1 200000 > later
            cat later later | md5sum
            (seq 1 200000; seq 1 200000) | md5sum
            """);
        Assert.Single(text.Split('\n').Distinct());
    }

    [Fact]
    public async Task Appends_land_at_the_end()
    {
        await using var drive = Drive.Mount();
        await Shell.ShAsync(drive.Path, "echo one > f; echo two >> f; echo three >> f");
        Assert.Equal("one\ntwo\nthree\n", Encoding.UTF8.GetString(drive.FileSystem.Content("f")));
    }

    [Fact]
    public async Task Truncating_by_path_by_handle_and_by_open()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            open('f', 'wb').write(b'x' * 10000)
            os.truncate('f', 5000)
            assert os.stat('f').st_size == 5000
            fd = os.open('f', os.O_RDWR)
            os.ftruncate(fd, 7000)
            assert os.fstat(fd).st_size == 7000
            assert os.pread(fd, 10000, 4999) == b'x' + bytes(2000)
            os.close(os.open('f', os.O_WRONLY | os.O_TRUNC))
            assert os.fstat(fd).st_size == 0
            """);
        Assert.Contains("open f Write, Truncate", drive.FileSystem.Calls);
    }

    [Fact]
    public async Task Exclusive_creation_happens_once()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            os.close(os.open('f', os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            try: os.open('f', os.O_CREAT | os.O_EXCL | os.O_WRONLY); sys.exit('no error')
            except FileExistsError: pass
            """);
    }

    [Fact]
    public async Task An_unlinked_file_lives_until_it_is_closed()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            fd = os.open('f', os.O_CREAT | os.O_RDWR)
            os.write(fd, b'before')
            os.unlink('f')
            assert os.listdir('.') == []
            os.write(fd, b' after')
            os.ftruncate(fd, 9)
            assert os.fstat(fd).st_nlink == 0
            assert os.pread(fd, 100, 0) == b'before af'
            """);
        await drive.FileSystem.ReleaseSeen.WaitAsync(Shell.Patience);
        Assert.Equal(["create f", "unlink f"], drive.FileSystem.Calls.Where(call => !call.StartsWith("opendir", StringComparison.Ordinal)).Take(2));
    }

    [Fact]
    public async Task Each_close_is_told_and_the_last_one_releases()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            fd = os.open('f', os.O_CREAT | os.O_WRONLY)
            copy = os.dup(fd)
            os.close(fd)
            os.write(copy, b'more')
            os.close(copy)
            """);
        await drive.FileSystem.ReleaseSeen.WaitAsync(Shell.Patience);
        Assert.Equal(["create f", "closed f", "closed f", "released f"], drive.FileSystem.Calls);
    }

    [Fact]
    public async Task Read_only_opens_are_not_flushed()
    {
        await using var drive = Drive.Mount();
        drive.FileSystem.AddOutside("f", [1]);
        await Shell.ShAsync(drive.Path, "cat f > /dev/null");
        await drive.FileSystem.ReleaseSeen.WaitAsync(Shell.Patience);
        Assert.Equal(["open f Read", "released f"], drive.FileSystem.Calls);
    }

    [Fact]
    public async Task Fsync_reaches_the_core_for_files_and_directories()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            fd = os.open('f', os.O_CREAT | os.O_WRONLY)
            os.write(fd, b'x')
            os.fsync(fd)
            os.fdatasync(fd)
            os.mkdir('d')
            os.fsync(os.open('d', os.O_RDONLY))
            """);
        Assert.Equal(2, drive.FileSystem.Calls.Count(call => call == "sync f"));
        Assert.Contains("syncdir", drive.FileSystem.Calls);
    }

    [Fact]
    public async Task Errors_of_write_and_close_are_what_programs_see()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            def fails(code, call, *args):
                try: call(*args); sys.exit(f'no error from {call}')
                except OSError as e: assert e.errno == code, e
            fails(errno.ENOSPC, os.write, os.open('full', os.O_CREAT | os.O_WRONLY), b'x')
            fd = os.open('unclosable', os.O_CREAT | os.O_WRONLY)
            os.write(fd, b'x')
            fails(errno.ENOSPC, os.close, fd)
            os.close(os.open('throw', os.O_CREAT | os.O_WRONLY))
            fails(errno.EIO, os.open, 'throw', os.O_RDONLY)
            fails(errno.ENOENT, os.open, 'none', os.O_RDONLY)
            assert os.path.exists('throw')
            """);
    }

    [Fact]
    public async Task Shared_mappings_are_written_back()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            import mmap
            fd = os.open('f', os.O_CREAT | os.O_RDWR)
            os.ftruncate(fd, 8192)
            m = mmap.mmap(fd, 8192)
            os.close(fd)
            m[4096:4101] = b'hello'
            m.flush()
            m.close()
            assert open('f', 'rb').read()[4096:4101] == b'hello'
            """);
        Assert.Equal("hello"u8.ToArray(), drive.FileSystem.Content("f")[4096..4101]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Readers_and_mappings_see_what_a_write_only_handle_wrote(bool directWrites)
    {
        await using var drive = Drive.Mount(new FuseMountOptions { DirectWrites = directWrites });
        await Shell.PythonAsync(drive.Path, """
            import mmap, random
            rng = random.Random(1)
            model = bytearray(300000)
            open('f', 'wb').write(model)
            reader = os.open('f', os.O_RDONLY)
            both = os.open('f', os.O_RDWR)
            writer = os.open('f', os.O_WRONLY)
            view = mmap.mmap(both, len(model))
            for i in range(400):
                at, n = rng.randrange(len(model) - 9000), rng.randrange(1, 9000)
                data = rng.randbytes(n)
                model[at:at + n] = data
                if i % 4 == 3: view[at:at + n] = data; view.flush()
                else: assert os.pwrite(both if i % 4 == 2 else writer, data, at) == n
                look, m = rng.randrange(len(model) - 9000), rng.randrange(1, 9000)
                assert os.pread(reader, m, look) == model[look:look + m], i
                assert view[at:at + n] == data, i
            os.close(writer)
            assert open('f', 'rb').read() == model
            """);
    }

    [Fact]
    public async Task Many_programs_at_once_do_not_mix()
    {
        await using var drive = Drive.Mount();
        await Shell.ShAsync(drive.Path, """
            for i in 1 2 3 4 5 6; do
              (for j in 1 2 3 4 5 6 7 8 9 10; do
                 mkdir -p d$i
                 seq $i$j 60000 > d$i/later$j
                 mv d$i/later$j d$i/f$j
                 seq $i$j 60000 | cmp - d$i/f$j
                 [ $((j % 2)) = 0 ] || rm d$i/f$j
               done) &
              jobs="${jobs:-} $!"
            done
            for job in $jobs; do wait $job; done
            [ $(find . -type f | wc -l) = 30 ]
            """);
    }
}
