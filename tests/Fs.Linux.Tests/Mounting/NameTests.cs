namespace SyncAgent.Fs.Linux.Tests.Mounting;

/// <summary>Names, directories and attributes, through the kernel.</summary>
public class NameTests
{
    private const string Rename2 = """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        def rename2(a, b, flags):
            return 0 if libc.renameat2(-100, a.encode(), -100, b.encode(), flags) == 0 else ctypes.get_errno()

        """;

    [Fact]
    public async Task Renames_replace_refuse_and_exchange()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, Rename2 + """
            for name in 'abc': open(name, 'w').write(name)
            os.rename('a', 'b')
            assert open('b').read() == 'a' and not os.path.exists('a')
            assert rename2('b', 'c', 1) == errno.EEXIST
            assert rename2('b', 'new', 1) == 0
            os.mkdir('d')
            open('d/x', 'w').write('x')
            assert rename2('new', 'd', 2) == 0
            assert open('d').read() == 'a' and open('new/x').read() == 'x'
            assert rename2('new', 'other', 4) == errno.EINVAL
            os.rename('new/x', 'x')
            assert sorted(os.listdir('.')) == ['c', 'd', 'new', 'x'] and os.listdir('new') == []
            """);
    }

    [Fact]
    public async Task Symbolic_links_lead_on()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            open('target', 'w').write('text')
            os.symlink('target', 'link')
            os.symlink('x' * 4000, 'long')
            os.symlink('ziel-größe', 'utf8')
            assert os.readlink('link') == 'target' and open('link').read() == 'text'
            assert os.readlink('long') == 'x' * 4000 and os.readlink('utf8') == 'ziel-größe'
            assert stat.S_ISLNK(os.lstat('link').st_mode)
            """);
    }

    [Fact]
    public async Task Names_that_are_no_text_are_names()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            names = [b'\xff\xfe', b'a\xc3', b'x' * 100 + b'\xff' * 155, 'größe'.encode()]
            for name in names: open(name, 'wb').write(name)
            os.rename(b'\xff\xfe', b'\xfe\xff')
            names[0] = b'\xfe\xff'
            assert sorted(os.listdir(b'.')) == sorted(names), os.listdir(b'.')
            assert sorted(entry.name for entry in os.scandir(b'.') if entry.stat().st_size > 1) == sorted(names)
            for name in names: os.remove(name)
            """);
    }

    [Fact]
    public async Task What_an_object_store_cannot_hold_is_refused()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            def fails(code, call, *args):
                try: call(*args); sys.exit(f'no error from {call}')
                except OSError as e: assert e.errno == code, e
            open('f', 'w').close()
            fails(errno.EPERM, os.link, 'f', 'g')
            fails(errno.EPERM, os.mknod, 'device', 0o600 | stat.S_IFCHR, os.makedev(1, 3))
            fails(errno.EILSEQ, os.mkdir, '\u201bFF') # what stands for the byte FF
            fails(errno.ENAMETOOLONG, os.mkdir, 'x' * 256)
            fails(errno.ENOTEMPTY, lambda: (os.makedirs('d/e'), os.rmdir('d')))
            fails(errno.ENOTDIR, os.mkdir, 'f/x')
            os.mknod('plain')
            os.mkdir('x' * 255)
            """);
    }

    [Fact]
    public async Task Five_thousand_names_are_listed_and_removed()
    {
        await using var drive = Drive.Mount();
        Assert.Equal("5000\n5000\n5000\n0", await Shell.ShAsync(drive.Path, """
            mkdir d
            cd d
            seq -f 'file-with-a-name-%05.0f' 1 5000 | xargs touch
            ls | wc -l
            ls -l | grep -c ^-
            find . -type f -size -1 | sort -u | wc -l
            cd ..
            rm -r d
            ls | wc -l
            """));
    }

    [Fact]
    public async Task Dot_and_dot_dot_are_there_and_rewinding_starts_again()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            import ctypes
            libc = ctypes.CDLL(None)
            libc.opendir.restype = libc.readdir.restype = ctypes.c_void_p
            libc.readdir.argtypes = libc.rewinddir.argtypes = [ctypes.c_void_p]
            def names(d):
                result = []
                while e := libc.readdir(d): result.append((ctypes.string_at(e + 19).decode(), ctypes.c_ulong.from_address(e).value))
                return result
            os.mkdir('sub')
            d = libc.opendir(b'sub')
            top, sub = os.stat('.').st_ino, os.stat('sub').st_ino
            assert names(d) == [('.', sub), ('..', top)]
            open('sub/new', 'w').close()
            libc.rewinddir(d)
            assert names(d) == [('.', sub), ('..', top), ('new', os.stat('sub/new').st_ino)]
            """);
    }

    [Fact]
    public async Task Inode_numbers_are_the_nodes_own()
    {
        await using var drive = Drive.Mount();
        drive.FileSystem.AddOutside("f", []);
        Assert.Equal(
            $"{drive.FileSystem.Root.Value} {drive.FileSystem.Attributes("f").Id.Value}", await Shell.ShAsync(drive.Path, "echo $(stat -c %i . f)"));
    }

    [Fact]
    public async Task Times_keep_their_nanoseconds()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            import time
            open('f', 'w').close()
            for at in (1_234_567_890_123_456_789, -1_000_000_001, 4_000_000_000_000_000_001):
                os.utime('f', ns=(at, at + 1))
                s = os.stat('f')
                assert (s.st_atime_ns, s.st_mtime_ns) == (at, at + 1), s
            os.utime('f')
            assert abs(os.stat('f').st_mtime - time.time()) < 60
            """);
    }

    [Fact]
    public async Task Modes_and_owners_and_the_set_id_rule()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            os.umask(0o027)
            fd = os.open('f', os.O_CREAT | os.O_RDWR, 0o777)
            assert stat.S_IMODE(os.fstat(fd).st_mode) == 0o750
            os.mkdir('d', 0o777)
            assert stat.S_IMODE(os.stat('d').st_mode) == 0o750
            os.chmod('f', 0o4711)
            assert stat.S_IMODE(os.stat('f').st_mode) == 0o4711
            os.chown('f', 12, 34)
            s = os.stat('f')
            assert (s.st_uid, s.st_gid) == (12, 34) and stat.S_IMODE(s.st_mode) == 0o711, oct(s.st_mode)
            """);
    }

    [Fact]
    public async Task A_write_by_another_user_clears_set_id()
    {
        await using var drive = Drive.Mount(new FuseMountOptions { AllowOther = true });
        await Shell.PythonAsync(drive.Path, """
            fd = os.open('f', os.O_CREAT | os.O_RDWR)
            def mode(): return stat.S_IMODE(os.stat('f').st_mode)
            os.fchmod(fd, 0o6777)
            os.write(fd, b'root may')
            assert mode() == 0o6777, oct(mode())
            pid = os.fork()
            if pid == 0:
                os.setuid(65534)
                os.write(fd, b'nobody')
                assert mode() == 0o777, oct(mode())
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
            os.fchmod(fd, 0o6777)
            pid = os.fork()
            if pid == 0:
                os.setuid(65534)
                os.open('f', os.O_WRONLY | os.O_TRUNC)
                assert mode() == 0o777, oct(mode())
                os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
            """);
    }

    [Fact]
    public async Task The_kernel_checks_permissions()
    {
        await using var drive = Drive.Mount(new FuseMountOptions { AllowOther = true });
        await Shell.PythonAsync(drive.Path, """
            open('secret', 'w').write('x')
            os.chmod('secret', 0o600)
            pid = os.fork()
            if pid == 0:
                os.setuid(65534)
                try: open('secret'); os._exit(1)
                except PermissionError: os._exit(0)
            assert os.waitpid(pid, 0)[1] == 0
            """);
    }

    [Fact]
    public async Task Without_allow_other_nobody_else_looks_in()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync("/", $"""
            os.setuid(65534)
            try: os.listdir('{drive.Path}'); sys.exit('let in')
            except PermissionError: pass
            """);
    }

    [Fact]
    public async Task Extended_attributes_are_read()
    {
        await using var drive = Drive.Mount();
        drive.FileSystem.AddOutside("f", []);
        drive.FileSystem.SetAttribute("f", "user.syncagent.state", "uploading 40 %"u8.ToArray());
        drive.FileSystem.SetAttribute("f", "user.größe", new byte[5000]);
        await Shell.PythonAsync(drive.Path, """
            assert os.getxattr('f', 'user.syncagent.state') == b'uploading 40 %'
            assert os.getxattr('f', 'user.größe') == bytes(5000)
            assert sorted(os.listxattr('f')) == ['user.größe', 'user.syncagent.state']
            try: os.getxattr('f', 'user.none'); sys.exit('no error')
            except OSError as e: assert e.errno == errno.ENODATA
            """);
    }

    [Fact]
    public async Task The_volume_has_a_size()
    {
        await using var drive = Drive.Mount();
        await Shell.PythonAsync(drive.Path, """
            v = os.statvfs('.')
            assert (v.f_blocks * v.f_frsize, v.f_bavail * v.f_frsize) == (1 << 40, 1 << 39)
            assert (v.f_files, v.f_ffree, v.f_namemax) == (1000000, 900000, 255)
            """);
    }

    [Fact]
    public async Task A_read_only_drive_cannot_be_written()
    {
        await using var drive = Drive.Mount(new FuseMountOptions { ReadOnly = true });
        await Shell.PythonAsync(drive.Path, """
            try: open('f', 'w'); sys.exit('no error')
            except OSError as e: assert e.errno == errno.EROFS
            """);
    }
}
