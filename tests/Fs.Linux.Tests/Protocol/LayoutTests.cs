using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SyncAgent.Fs.Linux.Interop;
using SyncAgent.Fs.Linux.Protocol;

namespace SyncAgent.Fs.Linux.Tests.Protocol;

/// <summary>Sizes and offsets as a C compiler gives them for include/uapi/linux/fuse.h of Linux 6.</summary>
public class LayoutTests
{
    [Fact]
    public void Every_struct_has_the_kernels_size()
    {
        var sizes = new Dictionary<Type, int>
        {
            [typeof(fuse_in_header)] = 40,
            [typeof(fuse_out_header)] = 16,
            [typeof(fuse_attr)] = 88,
            [typeof(fuse_entry_out)] = 128,
            [typeof(fuse_attr_out)] = 104,
            [typeof(fuse_init_in)] = 16,
            [typeof(fuse_init_in_ext)] = 48,
            [typeof(fuse_init_out)] = 64,
            [typeof(fuse_forget_in)] = 8,
            [typeof(fuse_forget_one)] = 16,
            [typeof(fuse_batch_forget_in)] = 8,
            [typeof(fuse_getattr_in)] = 16,
            [typeof(fuse_setattr_in)] = 88,
            [typeof(fuse_mknod_in)] = 16,
            [typeof(fuse_mkdir_in)] = 8,
            [typeof(fuse_rename_in)] = 8,
            [typeof(fuse_rename2_in)] = 16,
            [typeof(fuse_open_in)] = 8,
            [typeof(fuse_create_in)] = 16,
            [typeof(fuse_open_out)] = 16,
            [typeof(fuse_create_out)] = 144,
            [typeof(fuse_release_in)] = 24,
            [typeof(fuse_flush_in)] = 24,
            [typeof(fuse_read_in)] = 40,
            [typeof(fuse_write_in)] = 40,
            [typeof(fuse_write_out)] = 8,
            [typeof(fuse_kstatfs)] = 80,
            [typeof(fuse_fsync_in)] = 16,
            [typeof(fuse_setxattr_in)] = 8, // FUSE_COMPAT_SETXATTR_IN_SIZE
            [typeof(fuse_getxattr_in)] = 8,
            [typeof(fuse_getxattr_out)] = 8,
            [typeof(fuse_fallocate_in)] = 32,
            [typeof(fuse_lseek_in)] = 24,
            [typeof(fuse_lseek_out)] = 8,
            [typeof(fuse_copy_file_range_in)] = 56,
            [typeof(fuse_copy_file_range_out)] = 8,
            [typeof(fuse_interrupt_in)] = 8,
            [typeof(fuse_dirent)] = 24,
            [typeof(fuse_direntplus)] = 152,
            [typeof(fuse_notify_inval_inode_out)] = 24,
            [typeof(fuse_notify_inval_entry_out)] = 16,
        };
        var ofAssembly = typeof(fuse_in_header).Assembly.GetTypes().Where(type => type.Name.StartsWith("fuse_", StringComparison.Ordinal));
        Assert.Equal(
            ofAssembly.OrderBy(type => type.Name).Select(type => (type.Name, sizes.GetValueOrDefault(type))),
            ofAssembly.OrderBy(type => type.Name).Select(type => (type.Name, Marshal.SizeOf(type))));
        Assert.Equal(sizes.Count, ofAssembly.Count());
    }

    [Theory]
    [InlineData(typeof(fuse_in_header), nameof(fuse_in_header.unique), 8)]
    [InlineData(typeof(fuse_in_header), nameof(fuse_in_header.nodeid), 16)]
    [InlineData(typeof(fuse_in_header), nameof(fuse_in_header.pid), 32)]
    [InlineData(typeof(fuse_attr), nameof(fuse_attr.atimensec), 48)]
    [InlineData(typeof(fuse_attr), nameof(fuse_attr.mode), 60)]
    [InlineData(typeof(fuse_attr), nameof(fuse_attr.blksize), 80)]
    [InlineData(typeof(fuse_entry_out), nameof(fuse_entry_out.entry_valid), 16)]
    [InlineData(typeof(fuse_entry_out), nameof(fuse_entry_out.entry_valid_nsec), 32)]
    [InlineData(typeof(fuse_entry_out), nameof(fuse_entry_out.attr), 40)]
    [InlineData(typeof(fuse_attr_out), nameof(fuse_attr_out.attr), 16)]
    [InlineData(typeof(fuse_setattr_in), nameof(fuse_setattr_in.size), 16)]
    [InlineData(typeof(fuse_setattr_in), nameof(fuse_setattr_in.atime), 32)]
    [InlineData(typeof(fuse_setattr_in), nameof(fuse_setattr_in.atimensec), 56)]
    [InlineData(typeof(fuse_setattr_in), nameof(fuse_setattr_in.mode), 68)]
    [InlineData(typeof(fuse_setattr_in), nameof(fuse_setattr_in.uid), 76)]
    [InlineData(typeof(fuse_init_out), nameof(fuse_init_out.max_background), 16)]
    [InlineData(typeof(fuse_init_out), nameof(fuse_init_out.max_write), 20)]
    [InlineData(typeof(fuse_init_out), nameof(fuse_init_out.max_pages), 28)]
    [InlineData(typeof(fuse_init_out), nameof(fuse_init_out.flags2), 32)]
    [InlineData(typeof(fuse_read_in), nameof(fuse_read_in.size), 16)]
    [InlineData(typeof(fuse_write_in), nameof(fuse_write_in.write_flags), 20)]
    [InlineData(typeof(fuse_open_out), nameof(fuse_open_out.open_flags), 8)]
    [InlineData(typeof(fuse_create_out), nameof(fuse_create_out.open), 128)]
    [InlineData(typeof(fuse_kstatfs), nameof(fuse_kstatfs.bsize), 40)]
    [InlineData(typeof(fuse_kstatfs), nameof(fuse_kstatfs.frsize), 48)]
    [InlineData(typeof(fuse_direntplus), nameof(fuse_direntplus.dirent), 128)]
    public void Fields_are_where_the_kernel_has_them(Type type, string field, int offset) =>
        Assert.Equal(offset, (int)Marshal.OffsetOf(type, field));

    [Fact]
    public void A_writes_data_follows_its_two_headers() =>
        Assert.Equal(FuseProtocol.WriteDataOffset, Unsafe.SizeOf<fuse_in_header>() + Unsafe.SizeOf<fuse_write_in>());

    [Fact]
    public void Socket_structs_have_the_c_librarys_layout()
    {
        Assert.Equal(56, Unsafe.SizeOf<Libc.MessageHeader>());
        Assert.Equal(16, Unsafe.SizeOf<Libc.IoVector>());
        Assert.Equal(24, Unsafe.SizeOf<Libc.DescriptorMessage>());
        Assert.Equal(16, (int)Marshal.OffsetOf<Libc.DescriptorMessage>(nameof(Libc.DescriptorMessage.Descriptor)));
    }
}
