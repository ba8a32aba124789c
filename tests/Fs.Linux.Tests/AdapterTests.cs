using System.Runtime.InteropServices;
using System.Text;
using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Tests.Doubles;

namespace SyncAgent.Fs.Linux.Tests;

/// <summary>What the adapter does beyond translating, without a kernel.</summary>
public class AdapterTests
{
    private readonly AdapterRig _rig = new();

    [Theory]
    [InlineData(FuseOpcode.Link, Errno.EPERM)]
    [InlineData(FuseOpcode.IoCtl, Errno.ENOTTY)]
    [InlineData(FuseOpcode.Access, Errno.ENOSYS)]
    [InlineData((FuseOpcode)37, Errno.ENOSYS)] // BMAP
    [InlineData((FuseOpcode)40, Errno.ENOSYS)] // POLL
    [InlineData((FuseOpcode)51, Errno.ENOSYS)] // TMPFILE
    [InlineData((FuseOpcode)52, Errno.ENOSYS)] // STATX
    [InlineData((FuseOpcode)9999, Errno.ENOSYS)]
    public void What_is_not_done_is_refused_in_the_right_words(object opcode, object error) =>
        Assert.Equal(error, _rig.Send((FuseOpcode)opcode, 1, new byte[64]).Errno);

    [Fact]
    public void The_kernels_root_is_the_cores_root()
    {
        var root = _rig.Send(FuseOpcode.GetAttr, 1, AdapterRig.Bytes(default(fuse_getattr_in))).As<fuse_attr_out>();
        Assert.Equal((ulong)_rig.FileSystem.Root.Value, root.attr.ino);
        Assert.Equal(0x4000u, root.attr.mode & 0xF000);
    }

    [Fact]
    public void An_absent_name_may_be_remembered()
    {
        var rig = new AdapterRig(negativeCache: TimeSpan.FromSeconds(7));
        var entry = rig.Send(FuseOpcode.Lookup, 1, AdapterRig.Text("none")).As<fuse_entry_out>();
        Assert.Equal((0ul, 7ul), (entry.nodeid, entry.entry_valid));
    }

    [Theory]
    [InlineData(0u, 2 | 32)] // O_RDONLY: KEEP_CACHE and NOFLUSH
    [InlineData(1u, 2)]
    [InlineData(2u, 2)]
    public void Only_handles_that_cannot_write_skip_the_flush(uint flags, uint expected)
    {
        var (node, _) = _rig.Create("f");
        var open = _rig.Send(FuseOpcode.Open, node, AdapterRig.Bytes(new fuse_open_in { flags = flags })).As<fuse_open_out>();
        Assert.Equal(expected, open.open_flags);
    }

    [Fact]
    public void Direct_writes_are_for_write_only_handles()
    {
        var rig = new AdapterRig(directWrites: true);
        var (node, _) = rig.Create("f");
        Assert.Equal([2u | 32u, 2u | 1u, 2u], new[] { 0u, 1u, 2u }.Select(flags =>
            rig.Send(FuseOpcode.Open, node, AdapterRig.Bytes(new fuse_open_in { flags = flags })).As<fuse_open_out>().open_flags));
    }

    [Fact]
    public void Open_flags_reach_the_core()
    {
        var (node, _) = _rig.Create("f");
        _rig.FileSystem.Calls.Clear();
        _rig.Send(FuseOpcode.Open, node, AdapterRig.Bytes(new fuse_open_in { flags = 1 | 0x200 | 0x400, open_flags = 1 }));
        Assert.Equal(["open f Write, Truncate, ClearSetId"], _rig.FileSystem.Calls);
    }

    [Fact]
    public void A_write_by_the_unprivileged_clears_set_id()
    {
        var (node, handle) = _rig.Create("f");
        _rig.Send(FuseOpcode.SetAttr, node, AdapterRig.Bytes(new fuse_setattr_in { valid = 1, mode = 0x9ED }));
        Assert.Equal(0x9EDu, _rig.FileSystem.Attributes("f").Mode);
        _rig.Write(handle, 0, [1], flags: 4);
        Assert.Equal(0x1EDu, _rig.FileSystem.Attributes("f").Mode);
    }

    [Fact]
    public void A_write_that_is_shorter_than_it_says_is_refused()
    {
        var (_, handle) = _rig.Create("f");
        var request = AdapterRig.Bytes(new fuse_write_in { fh = handle, size = 100 });
        Assert.Equal(Errno.EIO, _rig.Send(FuseOpcode.Write, 1, request, new byte[99]).Errno);
        Assert.Empty(_rig.FileSystem.Content("f"));
    }

    [Theory]
    [InlineData(0u, Errno.None)]
    [InlineData(1u, Errno.EEXIST)]
    [InlineData(2u, Errno.None)]
    [InlineData(4u, Errno.EINVAL)] // RENAME_WHITEOUT
    [InlineData(3u, Errno.EINVAL)]
    public void Rename_flags(uint flags, object expected)
    {
        _rig.Create("a");
        _rig.Create("b");
        var reply = _rig.Send(
            FuseOpcode.Rename2, 1, AdapterRig.Bytes(new fuse_rename2_in { newdir = 1, flags = flags }), AdapterRig.Text("a"), AdapterRig.Text("b"));
        Assert.Equal(expected, reply.Errno);
    }

    [Theory]
    [InlineData(0x1000u)] // FIFO
    [InlineData(0xC000u)] // socket
    [InlineData(0x8000u)] // regular file
    [InlineData(0x0000u)] // the same
    public void Files_fifos_and_sockets_can_be_made(uint kind) => Assert.Equal(
        kind == 0 ? 0x8000u : kind, MakeNode(kind).As<fuse_entry_out>().attr.mode & 0xF000);

    [Theory]
    [InlineData(0x2000u)] // character device
    [InlineData(0x6000u)] // block device
    public void Devices_cannot_be_made(uint kind) => Assert.Equal(Errno.EPERM, MakeNode(kind).Errno);

    [Theory]
    [InlineData(0u, "space Allocate 10 20 False True")]
    [InlineData(1u, "space Allocate 10 20 True True")]
    [InlineData(3u, "space Punch 10 20 True True")]
    [InlineData(0x10u, "space Zero 10 20 False True")]
    [InlineData(0x11u, "space Zero 10 20 True True")]
    [InlineData(8u, null)] // COLLAPSE_RANGE
    [InlineData(0x20u, null)] // INSERT_RANGE
    [InlineData(0x40u, null)] // UNSHARE_RANGE
    public void Modes_of_fallocate(uint mode, string? expected)
    {
        var (node, handle) = _rig.Create("f");
        var reply = _rig.Send(
            FuseOpcode.FAllocate, node, AdapterRig.Bytes(new fuse_fallocate_in { fh = handle, offset = 10, length = 20, mode = mode }));
        Assert.Equal(expected is null ? Errno.EOPNOTSUPP : Errno.None, reply.Errno);
        Assert.Equal(expected is not null, _rig.FileSystem.Calls.Contains(expected ?? "none"));
    }

    [Fact]
    public void Data_and_holes_are_sought()
    {
        var (node, handle) = _rig.Create("f");
        _rig.Write(handle, 0, new byte[100]);
        Assert.Equal(7ul, Seek(7, 3).As<fuse_lseek_out>().offset);
        Assert.Equal(100ul, Seek(7, 4).As<fuse_lseek_out>().offset);
        Assert.Equal(Errno.ENXIO, Seek(100, 3).Errno);
        Assert.Equal(Errno.EINVAL, Seek(0, 0).Errno);

        Reply Seek(ulong offset, uint whence) =>
            _rig.Send(FuseOpcode.LSeek, node, AdapterRig.Bytes(new fuse_lseek_in { fh = handle, offset = offset, whence = whence }));
    }

    [Fact]
    public void Copies_are_answered_in_the_width_that_was_asked_for()
    {
        var (node, from) = _rig.Create("from");
        var (target, to) = _rig.Create("to");
        _rig.Write(from, 0, "0123456789"u8.ToArray());
        var request = AdapterRig.Bytes(new fuse_copy_file_range_in { fh_in = from, off_in = 2, nodeid_out = target, fh_out = to, off_out = 1, len = 5 });
        Assert.Equal(5u, _rig.Send(FuseOpcode.CopyFileRange, node, request).As<fuse_write_out>().size);
        Assert.Equal("\023456"u8.ToArray(), _rig.FileSystem.Content("to"));
        Assert.Equal(5ul, _rig.Send(FuseOpcode.CopyFileRange64, node, request).As<fuse_copy_file_range_out>().bytes_copied);
    }

    [Fact]
    public void Extended_attributes_are_set_and_removed()
    {
        var (node, _) = _rig.Create("f");
        var request = new fuse_setxattr_in { size = 3, flags = 1 };
        Assert.Equal(Errno.None, _rig.Send(FuseOpcode.SetXAttr, node, AdapterRig.Bytes(request), AdapterRig.Text("user.a"), [1, 0, 2]).Errno);
        Assert.Contains("setxattr user.a Create", _rig.FileSystem.Calls);
        Assert.Equal(
            [1, 0, 2], _rig.Send(FuseOpcode.GetXAttr, node, AdapterRig.Bytes(new fuse_getxattr_in { size = 9 }), AdapterRig.Text("user.a")).Payload);
        Assert.Equal(Errno.None, _rig.Send(FuseOpcode.RemoveXAttr, node, AdapterRig.Text("user.a")).Errno);
        Assert.Equal(Errno.ENODATA, _rig.Send(FuseOpcode.RemoveXAttr, node, AdapterRig.Text("user.a")).Errno);
        Assert.Equal(Errno.EIO, _rig.Send(FuseOpcode.SetXAttr, node, AdapterRig.Bytes(request), AdapterRig.Text("user.b"), [1]).Errno);
    }

    [Fact]
    public void Extended_attributes_are_probed_then_fetched()
    {
        var (node, _) = _rig.Create("f");
        _rig.FileSystem.SetAttribute("f", "user.state", "synced"u8.ToArray());
        Assert.Equal(6u, Get(0).As<fuse_getxattr_out>().size);
        Assert.Equal("synced"u8.ToArray(), Get(6).Payload);
        Assert.Equal(Errno.ERANGE, Get(5).Errno);
        Assert.Equal("user.state\0"u8.ToArray(), _rig.Send(FuseOpcode.ListXAttr, node, AdapterRig.Bytes(new fuse_getxattr_in { size = 100 })).Payload);

        Reply Get(uint size) =>
            _rig.Send(FuseOpcode.GetXAttr, node, AdapterRig.Bytes(new fuse_getxattr_in { size = size }), AdapterRig.Text("user.state"));
    }

    private Reply MakeNode(uint kind) =>
        _rig.Send(FuseOpcode.MkNod, 1, AdapterRig.Bytes(new fuse_mknod_in { mode = kind | 0x1A4 }), AdapterRig.Text("n"));

    [Fact]
    public void Readdirplus_tells_todays_attributes_and_drops_what_is_gone()
    {
        var (_, written) = _rig.Create("a");
        _rig.Create("b");
        var directory = _rig.Send(FuseOpcode.OpenDir, 1, new byte[8]).As<fuse_open_out>().fh;
        _rig.Write(written, 0, new byte[5000]);
        _rig.Send(FuseOpcode.Unlink, 1, AdapterRig.Text("b"));
        var page = _rig.Send(FuseOpcode.ReadDirPlus, 1, AdapterRig.Bytes(new fuse_read_in { fh = directory, offset = 2, size = 4096 })).Payload;
        Assert.Equal(2 * 160, page.Length);
        var a = MemoryMarshal.Read<fuse_direntplus>(page);
        var b = MemoryMarshal.Read<fuse_direntplus>(page.AsSpan(160));
        Assert.Equal((43ul, 5000ul), (a.entry_out.nodeid, a.entry_out.attr.size));
        Assert.Equal(0ul, b.entry_out.nodeid);
    }

    [Fact]
    public void A_directory_is_paged_without_gaps_or_repeats()
    {
        var names = Enumerable.Range(0, 1000).Select(i => $"file-{i:D4}-{new string('é', i % 60)}").ToList();
        foreach (var name in names) _rig.FileSystem.AddOutside(name, []);
        var directory = _rig.Send(FuseOpcode.OpenDir, 1, new byte[8]).As<fuse_open_out>().fh;
        Assert.Equal([".", "..", .. names.Order(StringComparer.Ordinal)], Page(FuseOpcode.ReadDir, 24, 0));
        Assert.Equal([".", "..", .. names.Order(StringComparer.Ordinal)], Page(FuseOpcode.ReadDirPlus, 152, 128));

        List<string> Page(FuseOpcode opcode, int head, int direntAt)
        {
            var seen = new List<string>();
            var offset = 0ul;
            while (true)
            {
                var page = _rig.Send(opcode, 1, AdapterRig.Bytes(new fuse_read_in { fh = directory, offset = offset, size = 1000 })).Payload;
                if (page.Length == 0) return seen;
                for (var at = 0; at < page.Length;)
                {
                    var entry = MemoryMarshal.Read<fuse_dirent>(page.AsSpan(at + direntAt));
                    seen.Add(Encoding.UTF8.GetString(page, at + head, (int)entry.namelen));
                    offset = entry.off;
                    at += (head + (int)entry.namelen + 7) & ~7;
                }
            }
        }
    }

    [Fact]
    public void Rewinding_shows_the_directory_anew()
    {
        var directory = _rig.Send(FuseOpcode.OpenDir, 1, new byte[8]).As<fuse_open_out>().fh;
        Assert.Equal(24 + 8 + 24 + 8, Length(0));
        _rig.Create("new");
        Assert.Equal(0, Length(2));
        Assert.Equal(24 + 8 + 24 + 8 + 24 + 8, Length(0));

        int Length(ulong offset) =>
            _rig.Send(FuseOpcode.ReadDir, 1, AdapterRig.Bytes(new fuse_read_in { fh = directory, offset = offset, size = 4096 })).Payload.Length;
    }

    [Fact]
    public void A_closed_directory_is_a_bad_handle()
    {
        var directory = _rig.Send(FuseOpcode.OpenDir, 1, new byte[8]).As<fuse_open_out>().fh;
        _rig.Send(FuseOpcode.ReleaseDir, 1, AdapterRig.Bytes(new fuse_release_in { fh = directory }));
        Assert.Equal(Errno.EBADF, _rig.Send(FuseOpcode.ReadDir, 1, AdapterRig.Bytes(new fuse_read_in { fh = directory, size = 100 })).Errno);
    }

    [Fact]
    public void An_answer_that_nobody_takes_is_taken_back()
    {
        _rig.Channel.Answer = Errno.ENOENT;
        _rig.Create("f");
        Assert.Equal((0, 1), (_rig.FileSystem.OpenHandleCount, _rig.FileSystem.Forgotten));
        _rig.Send(FuseOpcode.Lookup, 1, AdapterRig.Text("f"));
        Assert.Equal(2, _rig.FileSystem.Forgotten);
    }

    [Fact]
    public void Forgets_are_counted_and_not_answered()
    {
        _rig.Post(FuseOpcode.Forget, 43, AdapterRig.Bytes(new fuse_forget_in { nlookup = 3 }));
        _rig.Post(
            FuseOpcode.BatchForget,
            0,
            AdapterRig.Bytes(new fuse_batch_forget_in { count = 2 }),
            AdapterRig.Bytes(new fuse_forget_one { nodeid = 43, nlookup = 4 }),
            AdapterRig.Bytes(new fuse_forget_one { nodeid = 44, nlookup = 5 }));
        Assert.Equal(12, _rig.FileSystem.Forgotten);
    }

    [Fact]
    public void A_handler_that_throws_is_EIO_and_no_more()
    {
        var (node, _) = _rig.Create("throw");
        Assert.Equal(Errno.EIO, _rig.Send(FuseOpcode.Open, node, AdapterRig.Bytes(default(fuse_open_in))).Errno);
        Assert.Equal(Errno.None, _rig.Send(FuseOpcode.StatFs, 1).Errno);
    }

    [Fact]
    public async Task Closing_interrupts_what_waits_and_releases_what_is_open()
    {
        var (_, handle) = _rig.Create("slow");
        var request = _rig.Begin(FuseOpcode.Read, 43, AdapterRig.Bytes(new fuse_read_in { fh = handle, size = 10 }));
        var reading = _rig.Adapter.HandleAsync(request);
        Assert.False(reading.IsCompleted);
        await _rig.Adapter.CloseAsync();
        await reading;
        Assert.Equal(Errno.EINTR, _rig.Channel.Take().Errno);
        Assert.Equal(0, _rig.FileSystem.OpenHandleCount);
        Assert.Equal(Errno.ENOTCONN, _rig.Send(FuseOpcode.StatFs, 1).Errno);
        Assert.Equal(Errno.None, _rig.Send(FuseOpcode.Release, 43, AdapterRig.Bytes(new fuse_release_in { fh = handle })).Errno);
    }

    [Fact]
    public async Task An_interrupt_ends_the_read_of_a_caller_that_is_gone()
    {
        var (_, handle) = _rig.Create("slow");
        var reading = _rig.Begin(FuseOpcode.Read, 43, AdapterRig.Bytes(new fuse_read_in { fh = handle, size = 10 }), unique: 7000, pid: int.MaxValue);
        var context = reading.Context;
        var work = _rig.Adapter.HandleAsync(reading);
        var interrupt = _rig.Begin(FuseOpcode.Interrupt, 0, AdapterRig.Bytes(new fuse_interrupt_in { unique = 7000 }), unique: 7001);
        await _rig.Adapter.HandleAsync(interrupt);
        await work;
        var reply = _rig.Channel.Take();
        Assert.Equal((Errno.EINTR, 7000ul), (reply.Errno, reply.Unique));
        Assert.Empty(_rig.Channel.Messages);
        Assert.NotSame(context, reading.Context); // an interrupted context is never used again
    }

    [Fact]
    public async Task A_living_caller_is_not_interrupted_and_the_kernel_asks_again()
    {
        var (_, handle) = _rig.Create("slow");
        var reading = _rig.Begin(
            FuseOpcode.Read, 43, AdapterRig.Bytes(new fuse_read_in { fh = handle, size = 10 }), unique: 7000, pid: (uint)Environment.ProcessId);
        var work = _rig.Adapter.HandleAsync(reading);
        await _rig.Adapter.HandleAsync(
            _rig.Begin(FuseOpcode.Interrupt, 0, AdapterRig.Bytes(new fuse_interrupt_in { unique = 7000 }), unique: 7001));
        var reply = _rig.Channel.Take();
        Assert.Equal((Errno.EAGAIN, 7001ul), (reply.Errno, reply.Unique));
        Assert.False(work.IsCompleted);
        _rig.FileSystem.Thaw();
        await work;
        Assert.Equal(Errno.None, _rig.Channel.Take().Errno);
    }

    [Fact]
    public async Task An_interrupt_for_an_unknown_request_is_sent_again_by_the_kernel()
    {
        await _rig.Adapter.HandleAsync(
            _rig.Begin(FuseOpcode.Interrupt, 0, AdapterRig.Bytes(new fuse_interrupt_in { unique = 1234 })));
        Assert.Equal(Errno.EAGAIN, _rig.Channel.Take().Errno);
    }

    [Fact]
    public void Local_reads_and_writes_allocate_nothing()
    {
        var (_, handle) = _rig.Create("f");
        _rig.Write(handle, 0, new byte[64 * 1024]);
        _rig.Channel.Discard = true;
        var write = AdapterRig.Join(
            AdapterRig.Bytes(default(fuse_in_header)), AdapterRig.Bytes(new fuse_write_in { fh = handle, size = 4096 }), new byte[4096]);
        var read = AdapterRig.Join(AdapterRig.Bytes(default(fuse_in_header)), AdapterRig.Bytes(new fuse_read_in { fh = handle, size = 65536 }));
        MemoryMarshal.Write(write, new fuse_in_header { len = (uint)write.Length, opcode = (uint)FuseOpcode.Write, unique = 1, nodeid = 43 });
        MemoryMarshal.Write(read, new fuse_in_header { len = (uint)read.Length, opcode = (uint)FuseOpcode.Read, unique = 2, nodeid = 43 });
        var request = _rig.Requests.Rent();
        Run(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Handle(write);
                Handle(read);
            }
        }

        void Handle(byte[] message)
        {
            message.CopyTo(request.Buffer);
            request.Begin(message.Length);
            if (!_rig.Run(request)) throw new InvalidOperationException("not answered at once");
        }
    }
}
