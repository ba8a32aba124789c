using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>One drive for all tests of this class, open to other users too.</summary>
public sealed class PosixDrive : IAsyncLifetime
{
    internal Rig? Rig { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (!Places.MayMount) return;
        Rig = await Rig.StartAsync();
        await Rig.MountAsync(Rig.MountLine("--allow-other"));
        await Rig.ListAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Rig is not null) await Rig.DisposeAsync();
    }
}

/// <summary>Calls of POSIX and Linux on the mount, with what a local disk makes of them. Each test is one Python program in a folder
/// of its own.</summary>
public sealed class PosixTests(PosixDrive shared) : IClassFixture<PosixDrive>
{
    private const string Prelude = """
        import ctypes, errno, os, signal, socket, stat, struct, sys, threading, time
        libc = ctypes.CDLL(None, use_errno=True)
        def refused(number, call, *arguments, **named):
            try: call(*arguments, **named)
            except OSError as e: assert e.errno == number, (errno.errorcode[number], e)
            else: raise AssertionError((errno.errorcode[number], call, arguments))
        def fallocate(fd, mode, offset, length):
            if libc.fallocate(fd, mode, ctypes.c_long(offset), ctypes.c_long(length)): raise OSError(ctypes.get_errno(), 'fallocate')
        def rename2(old, new, flags):
            if libc.renameat2(-100, old.encode(), -100, new.encode(), flags): raise OSError(ctypes.get_errno(), 'renameat2')
        def put(name, data=b'x'):
            with open(name, 'wb') as f: f.write(data)
        def get(name):
            with open(name, 'rb') as f: return f.read()
        def as_user(uid, gid, call):
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    os.setgroups([]); os.setgid(gid); os.setuid(uid)
                    call()
                    code = 0
                except BaseException as e: print(repr(e), file=sys.stderr)
                finally: os._exit(code)
            assert os.waitpid(pid, 0)[1] == 0
        """;

    [Fact]
    public async Task Fifos_and_sockets_work_and_arrive_as_empty_objects()
    {
        await RunAsync("special", """
            os.mkfifo('pipe', 0o640)
            assert stat.S_ISFIFO(os.stat('pipe').st_mode) and os.stat('pipe').st_mode & 0o777 == 0o640
            def write():
                with open('pipe', 'wb') as f: f.write(b'through')
            thread = threading.Thread(target=write); thread.start()
            assert get('pipe') == b'through'; thread.join()
            server = socket.socket(socket.AF_UNIX); server.bind('sock'); server.listen()
            assert stat.S_ISSOCK(os.lstat('sock').st_mode)
            client = socket.socket(socket.AF_UNIX); client.connect('sock')
            refused(errno.ENXIO, os.open, 'sock', os.O_RDONLY)
            refused(errno.ENXIO, os.open, 'pipe', os.O_WRONLY | os.O_NONBLOCK)
            refused(errno.EINVAL, os.truncate, 'pipe', 0)
            refused(errno.EPERM, os.mknod, 'device', 0o600 | stat.S_IFBLK, os.makedev(1, 2))
            refused(errno.EPERM, os.link, 'pipe', 'second')
            kinds = {e.name: (e.is_file(), e.stat(follow_symlinks=False).st_nlink) for e in os.scandir('.')}
            assert kinds == {'pipe': (False, 1), 'sock': (False, 1)}, kinds
            os.chmod('pipe', 0o600); os.chown('pipe', 5, 6); os.utime('pipe', (7, 8)); os.rename('pipe', 'renamed')
            found = os.stat('renamed')
            assert (found.st_mode, found.st_uid, found.st_gid, found.st_mtime) == (stat.S_IFIFO | 0o600, 5, 6, 8), found
            fd = os.open('renamed', os.O_RDWR); os.unlink('renamed'); assert os.fstat(fd).st_nlink == 0
            os.mkfifo('renamed', 0o600)
            """);
        var rig = shared.Rig!;
        (await rig.WaitAsync(Path.Combine(rig.Drive, "special"))).Expect(0);
        Assert.Equal("4480", await rig.ChangeBucketAsync("meta", "special/renamed", "mode"));
        Assert.StartsWith("49", await rig.ChangeBucketAsync("meta", "special/sock", "mode"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Extended_attributes_behave_as_on_a_local_disk_and_arrive()
    {
        await RunAsync("xattr", """
            put('f'); os.mkdir('d'); os.symlink('f', 'l')
            before = os.stat('f').st_ctime_ns
            os.setxattr('f', 'user.name', b'value'); os.setxattr('f', 'trusted.t', b'\0\1'); os.setxattr('d', 'user.empty', b'')
            assert os.stat('f').st_ctime_ns > before
            assert os.getxattr('f', 'user.name') == b'value' and os.getxattr('d', 'user.empty') == b''
            assert sorted(os.listxattr('f')) == ['trusted.t', 'user.name'] and os.listxattr('l', follow_symlinks=False) == []
            os.chmod('f', 0o644); os.chmod('.', 0o755)
            as_user(65534, 65534, lambda: refused(errno.EPERM, os.setxattr, 'f', 'trusted.x', b''))
            as_user(65534, 65534, lambda: refused(errno.EACCES, os.setxattr, 'f', 'user.x', b''))
            def seen(): assert os.listxattr('f') == ['user.name'], os.listxattr('f')
            as_user(65534, 65534, seen)
            refused(errno.EEXIST, os.setxattr, 'f', 'user.name', b'', os.XATTR_CREATE)
            refused(errno.ENODATA, os.setxattr, 'f', 'user.other', b'', os.XATTR_REPLACE)
            refused(errno.ENODATA, os.getxattr, 'f', 'user.other')
            refused(errno.ENODATA, os.removexattr, 'f', 'user.other')
            acl = struct.pack('<IHHiHHiHHi', 2, 1, 6, -1, 4, 4, -1, 0x20, 4, -1)
            refused(errno.EOPNOTSUPP, os.setxattr, 'f', 'system.posix_acl_access', acl)
            refused(errno.EPERM, os.setxattr, 'f', 'user.syncagent.state', b'x')
            refused(errno.EPERM, os.setxattr, 'l', 'user.x', b'', follow_symlinks=False)
            refused(errno.ENOSPC, os.setxattr, 'f', 'user.large', bytes(10_000))
            refused(errno.E2BIG, os.setxattr, 'f', 'user.large', bytes(70_000))
            refused(errno.ERANGE, os.setxattr, 'f', 'user.' + 'n' * 251, b'')
            small = ctypes.create_string_buffer(2)
            assert libc.getxattr(b'f', b'user.name', small, 2) == -1 and ctypes.get_errno() == errno.ERANGE
            os.removexattr('f', 'trusted.t'); assert os.listxattr('f') == ['user.name']
            put('g'); os.setxattr('g', 'user.gone', b'1')
            """);
        var rig = shared.Rig!;
        (await rig.WaitAsync(Path.Combine(rig.Drive, "xattr"))).Expect(0);
        Assert.Equal("%7B%22user.name%22%3A%22dmFsdWU%3D%22%7D", await rig.ChangeBucketAsync("meta", "xattr/f", "xattr"));
        await rig.PythonAsync("os.removexattr('xattr/g', 'user.gone')");
        (await rig.WaitAsync(Path.Combine(rig.Drive, "xattr"))).Expect(0);
        Assert.Equal("", await rig.ChangeBucketAsync("meta", "xattr/g", "xattr"));
    }

    [Fact]
    public Task Space_is_taken_given_back_and_shown() => RunAsync("space", """
        K, M = 1024, 1 << 20
        put('f', b'x' * M); fd = os.open('f', os.O_RDWR)
        fallocate(fd, 3, 64 * K, 64 * K)                          # PUNCH_HOLE | KEEP_SIZE
        assert get('f') == b'x' * 64 * K + bytes(64 * K) + b'x' * (M - 128 * K)
        assert (os.lseek(fd, 0, os.SEEK_HOLE), os.lseek(fd, 64 * K, os.SEEK_DATA), os.lseek(fd, 128 * K, os.SEEK_HOLE)) == (64 * K, 128 * K, M)
        refused(errno.ENXIO, os.lseek, fd, M, os.SEEK_DATA)
        fallocate(fd, 0x11, M, M); assert os.fstat(fd).st_size == M       # ZERO_RANGE | KEEP_SIZE
        fallocate(fd, 0, 0, 2 * M); assert os.fstat(fd).st_size == 2 * M and os.fstat(fd).st_blocks >= 2 * M // 512
        fallocate(fd, 0x10, 0, M); assert get('f') == bytes(2 * M)         # ZERO_RANGE
        fallocate(fd, 3, 0, 2 * M); assert os.stat('f').st_blocks <= 8  # what the staging file says about itself
        for mode in 8, 0x20, 0x40: refused(errno.EOPNOTSUPP, fallocate, fd, mode, 0, 4096)   # COLLAPSE, INSERT, UNSHARE
        refused(errno.ENOSPC, fallocate, fd, 0, 0, 1 << 45)
        refused(errno.EFBIG, fallocate, fd, 0, 1 << 61, 1 << 61)
        refused(errno.EINVAL, fallocate, fd, 0, 0, 0); refused(errno.EINVAL, fallocate, fd, 0, -1, 1)
        refused(errno.EBADF, fallocate, os.open('f', os.O_RDONLY), 0, 0, 1)
        os.mkfifo('pipe'); refused(errno.ESPIPE, fallocate, os.open('pipe', os.O_RDWR), 0, 0, 1)
        os.posix_fallocate(fd, 0, 3 * M); assert os.fstat(fd).st_size == 3 * M; os.close(fd)
        put('sparse', b''); os.truncate('sparse', 5 * M)
        # What a staging file says about itself may take a block.
        assert os.stat('sparse').st_blocks <= 8 and os.system('cp --sparse=auto sparse copy && cmp sparse copy') == 0 and os.stat('copy').st_blocks <= 8
        """);

    [Fact]
    public Task Ranges_are_copied_between_open_files_with_their_pages() => RunAsync("ranges", """
        data = os.urandom(9_000_000); put('a', data); put('b', b'old' * 1000)
        a, b = os.open('a', os.O_RDONLY), os.open('b', os.O_RDWR)
        assert os.pread(b, 9, 0) == b'oldoldold'
        done = 0
        while done < 8_000_000:
            n = os.copy_file_range(a, b, 8_000_000 - done, 1_000 + done, 100 + done); assert n > 0; done += n
        assert get('b') == b'old' * 33 + b'o' + data[1_000:8_001_000]
        assert os.copy_file_range(a, b, 10, len(data), 0) == 0
        c = os.open('b', os.O_RDWR)
        refused(errno.EINVAL, os.copy_file_range, c, c, 100, 0, 50)
        refused(errno.EBADF, os.copy_file_range, b, a, 1, 0, 0)
        assert os.copy_file_range(c, c, 3, 0, 50) == 3 and os.pread(b, 3, 50) == b'old'
        """);

    [Fact]
    public Task Set_id_bits_and_capabilities_go_with_a_change() => RunAsync("setid", """
        os.chmod('.', 0o777)
        def fresh(name):
            put(name, b'12345'); os.chown(name, 65534, 65534); os.chmod(name, 0o6777)
        def mode(name): return os.stat(name).st_mode & 0o7777
        def write():
            fd = os.open('w', os.O_WRONLY); os.write(fd, b'x')
        fresh('w'); as_user(65534, 65534, write); assert mode('w') == 0o777, oct(mode('w'))
        fresh('t'); as_user(65534, 65534, lambda: os.truncate('t', 2)); assert mode('t') == 0o777
        fresh('o'); as_user(65534, 65534, lambda: os.open('o', os.O_WRONLY | os.O_TRUNC)); assert mode('o') == 0o777
        fresh('a'); as_user(65534, 65534, lambda: fallocate(os.open('a', os.O_WRONLY), 0, 0, 10)); assert mode('a') == 0o777
        fresh('r'); os.truncate('r', 1); assert mode('r') == 0o6777        # root keeps them
        fresh('c'); os.chown('c', 0, 0); assert mode('c') == 0o777
        put('plain'); os.chmod('plain', 0o2666); os.chown('plain', 1, 1); assert mode('plain') == 0o2666
        put('cap'); os.setxattr('cap', 'security.capability', bytes.fromhex('0100000200040000000000000000000000000000'))
        with open('cap', 'ab') as f: f.write(b'1')
        refused(errno.ENODATA, os.getxattr, 'cap', 'security.capability')
        """);

    [Fact]
    public Task New_files_follow_umask_group_and_sticky_bit_of_their_folder() => RunAsync("folders", """
        os.chmod('.', 0o777); os.umask(0o027)
        put('f'); os.mkdir('d'); os.mkfifo('p', 0o666)
        assert [os.stat(n).st_mode & 0o777 for n in ('f', 'd', 'p')] == [0o640, 0o750, 0o640]
        os.umask(0); os.mkdir('g'); os.chown('g', 0, 77); os.chmod('g', 0o2777)
        def inside():
            put('g/f'); os.mkdir('g/d'); os.mkdir('g/d/e')
        as_user(65534, 65534, inside)
        assert [os.stat(n).st_gid for n in ('g/f', 'g/d', 'g/d/e')] == [77, 77, 77] and os.stat('g/d/e').st_mode & 0o2000
        os.mkdir('s'); os.chmod('s', 0o1777); put('s/roots')
        def sticky():
            refused(errno.EPERM, os.unlink, 's/roots'); refused(errno.EPERM, os.rename, 's/roots', 's/mine')
            put('s/own'); os.unlink('s/own')
        as_user(65534, 65534, sticky)
        as_user(65534, 65534, lambda: refused(errno.EACCES, os.listdir, 'd'))
        as_user(65534, 65534, lambda: refused(errno.EPERM, os.chmod, 's', 0o777))
        assert os.stat('.').st_nlink == 2 + 3, os.stat('.').st_nlink
        os.rmdir('g/d/e'); assert os.stat('g/d').st_nlink == 2
        """);

    [Fact]
    public Task Times_follow_each_change() => RunAsync("times", """
        def times(name): s = os.stat(name); return s.st_mtime_ns, s.st_ctime_ns
        put('f', b'123'); os.mkdir('d')
        def changes(name, call, modified, changed=True):
            before = times(name); time.sleep(0.002); call(); after = times(name)
            assert (after[0] > before[0], after[1] > before[1]) == (modified, changed), (name, before, after)
        changes('f', lambda: os.truncate('f', 3), True)
        changes('f', lambda: os.truncate('f', 9), True)
        changes('f', lambda: open('f', 'w').close(), True)
        changes('f', lambda: put('f', b'4'), True)
        changes('f', lambda: os.chmod('f', 0o600), False)
        changes('f', lambda: os.chown('f', 1, 1), False)
        changes('f', lambda: os.chown('f', -1, -1), False)
        changes('f', lambda: os.setxattr('f', 'user.a', b''), False)
        changes('f', lambda: os.rename('f', 'g') or os.rename('g', 'f'), False)
        changes('f', lambda: get('f'), False, False)
        for call in (lambda: put('d/a'), lambda: os.mkdir('d/b'), lambda: os.symlink('x', 'd/c'), lambda: os.mkfifo('d/p'),
                     lambda: os.rename('d/a', 'd/z'), lambda: os.unlink('d/z'), lambda: os.rmdir('d/b')):
            changes('d', call, True)
        changes('d', lambda: put('d/c2'), True); changes('d', lambda: put('d/c2', b'new'), False, False)
        os.utime('f', ns=(123_456_789, 987_654_321)); s = os.stat('f')
        assert (s.st_atime_ns, s.st_mtime_ns) == (123_456_789, 987_654_321)
        put('read', b'1'); os.utime('read', ns=(1, 1)); get('read'); assert os.stat('read').st_atime_ns > 1
        os.utime('f', ns=(-5, -5)); assert os.stat('f').st_mtime_ns == -5
        """);

    [Fact]
    public Task What_is_removed_stays_usable_for_those_who_have_it() => RunAsync("removed", """
        import mmap
        put('f', b'12345'); fd = os.open('f', os.O_RDWR); os.unlink('f')
        os.pwrite(fd, b'abc', 1); os.ftruncate(fd, 4096); os.fchmod(fd, 0o600); os.fchown(fd, 3, 4); s = os.fstat(fd)
        assert (s.st_nlink, s.st_size, s.st_mode & 0o777, s.st_uid) == (0, 4096, 0o600, 3) and os.pread(fd, 5, 0) == b'1abc5'
        with mmap.mmap(fd, 4096) as m: m[4000:4003] = b'map'; m.flush()
        assert os.pread(fd, 3, 4000) == b'map'; os.fsync(fd); os.setxattr(fd, 'user.a', b'1'); os.close(fd)
        put('old', b'old'); put('new', b'new'); fd = os.open('old', os.O_RDWR); os.rename('new', 'old')
        assert os.read(fd, 3) == b'old' and os.fstat(fd).st_nlink == 0 and get('old') == b'new'
        os.pwrite(fd, b'x', 0); os.close(fd); assert get('old') == b'new'
        os.makedirs('d/e'); dir = os.open('d/e', os.O_RDONLY); here = os.getcwd(); os.chdir('d/e'); os.rmdir('../e')
        assert os.fstat(dir).st_nlink == 0 and os.listdir(dir) == [] and os.listdir('.') == []
        refused(errno.ENOENT, open, 'n', 'w'); refused(errno.ENOENT, os.mkdir, 'n'); refused(errno.ENOENT, os.stat, 'n')
        refused(errno.ENOENT, os.rename, here + '/old', 'n'); os.chdir(here); os.rmdir('d')
        """);

    [Fact]
    public Task Names_are_replaced_and_refused_in_POSIXs_words() => RunAsync("names", """
        os.makedirs('full/x'); os.mkdir('empty'); os.mkdir('other'); put('f'); put('g', b'g'); os.symlink('f', 'l'); os.symlink('loop', 'loop')
        refused(errno.ENOTEMPTY, os.rmdir, 'full'); refused(errno.ENOTEMPTY, os.rename, 'empty', 'full')
        refused(errno.EISDIR, os.rename, 'f', 'empty'); refused(errno.ENOTDIR, os.rename, 'empty', 'f')
        refused(errno.EINVAL, os.rename, 'full', 'full/x/y'); refused(errno.ENOTDIR, os.rmdir, 'f'); refused(errno.EISDIR, os.unlink, 'empty')
        refused(errno.ENOENT, os.rename, 'none', 'n'); refused(errno.ENOTDIR, os.stat, 'f/x'); refused(errno.ELOOP, os.stat, 'loop')
        refused(errno.EEXIST, os.mkdir, 'f'); refused(errno.EEXIST, os.symlink, 'x', 'l'); refused(errno.EEXIST, os.mkfifo, 'f')
        refused(errno.EEXIST, os.open, 'f', os.O_CREAT | os.O_EXCL | os.O_WRONLY); refused(errno.EISDIR, os.open, 'empty', os.O_WRONLY)
        refused(errno.ELOOP, os.open, 'l', os.O_RDONLY | os.O_NOFOLLOW); refused(errno.ENOTDIR, os.open, 'f', os.O_DIRECTORY)
        refused(errno.EINVAL, os.rmdir, 'full/.'); refused(errno.EPERM, os.link, 'f', 'hard')
        refused(errno.EEXIST, rename2, 'f', 'g', 1); refused(errno.ENOENT, rename2, 'f', 'none', 2); refused(errno.EINVAL, rename2, 'f', 'n', 4)
        refused(errno.ENAMETOOLONG, put, 'n' * 256); put('n' * 255); refused(errno.ENAMETOOLONG, os.mkdir, 'n' * 256)
        refused(errno.EOPNOTSUPP, os.open, '.', os.O_TMPFILE | os.O_RDWR)
        os.rename('other', 'empty'); assert not os.path.exists('other'); rename2('f', 'full', 2); assert os.path.isfile('full') and os.path.isdir('f/x')
        os.rename('g', 'g'); assert get('g') == b'g'; rename2('g', 'h', 1); assert get('h') == b'g'
        """);

    [Fact]
    public Task Limits_are_told_and_kept() => RunAsync("limits", """
        s = os.statvfs('.'); assert s.f_namemax == 255 and 0 < s.f_bavail < s.f_blocks and s.f_files > s.f_ffree > 0 and not s.f_flag & os.ST_RDONLY
        put('f', b'123'); fd = os.open('f', os.O_RDWR)
        refused(errno.EFBIG, os.ftruncate, fd, 1 << 60); refused(errno.EFBIG, os.truncate, 'f', 999_999_999_999_999)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN); refused(errno.EFBIG, os.pwrite, fd, b'x', 1 << 60)
        assert get('f') == b'123'
        fd = os.open('f', os.O_RDWR | os.O_APPEND); os.pwrite(fd, b'4', 0); os.write(fd, b'5'); assert get('f') == b'12345'
        refused(errno.EBADF, os.write, os.open('f', os.O_RDONLY), b'x'); refused(errno.EBADF, os.read, os.open('f', os.O_WRONLY), 1)
        refused(errno.EINVAL, os.ftruncate, os.open('f', os.O_RDONLY), 1); refused(errno.EINVAL, os.lseek, fd, -1, 0)
        """);

    [Fact]
    public Task Locks_are_held_between_processes() => RunAsync("locks", """
        import fcntl
        put('f', b'12345678'); a, b = os.open('f', os.O_RDWR), os.open('f', os.O_RDWR)
        fcntl.flock(a, fcntl.LOCK_EX); refused(errno.EAGAIN, fcntl.flock, b, fcntl.LOCK_EX | fcntl.LOCK_NB); fcntl.flock(a, fcntl.LOCK_UN)
        fcntl.flock(b, fcntl.LOCK_SH); fcntl.flock(a, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.lockf(a, fcntl.LOCK_EX, 4)
        def other():
            fd = os.open('f', os.O_RDWR); refused(errno.EAGAIN, fcntl.lockf, fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 4); fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 4, 4)
        as_user(0, 0, other)
        ofd = struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 4, 2, 0)
        fcntl.fcntl(a, 37, ofd); refused(errno.EAGAIN, fcntl.fcntl, b, 37, ofd)      # F_OFD_SETLK
        """);

    [Fact]
    public Task Private_and_shared_maps_see_what_they_should() => RunAsync("maps", """
        import mmap
        put('f', b'a' * 8192); fd = os.open('f', os.O_RDWR)
        with mmap.mmap(fd, 8192) as shared, mmap.mmap(fd, 8192, flags=mmap.MAP_PRIVATE) as private:
            private[0:1] = b'p'; shared[1:2] = b's'; shared.flush()
            assert get('f')[:3] == b'asa' and private[0:1] == b'p' and private[4096:4097] == b'a'
            os.pwrite(fd, b'w', 4096); assert shared[4096:4097] == b'w'
        """);

    private async Task RunAsync(string folder, string program)
    {
        Places.SkipUnlessMountable();
        await shared.Rig!.PythonAsync($"os.mkdir('{folder}'); os.chdir('{folder}')\n{Prelude}\n{program}");
    }
}
