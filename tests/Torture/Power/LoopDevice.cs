using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Torture.Power;

/// <summary>A block device over a file. The kernel gives it back with its last user, also when this process is killed.</summary>
internal sealed partial class LoopDevice : IDisposable
{
    private const string ControlPath = "/dev/loop-control";
    private const nuint GetFree = 0x4C82; // LOOP_CTL_GET_FREE
    private const nuint Configure = 0x4C0A; // LOOP_CONFIGURE, since Linux 5.8
    private const int ConfigSize = 304; // struct loop_config
    private const int FlagsOffset = 8 + 52; // lo_flags of struct loop_info64, which stands behind the descriptor and the block size
    private const int AutoClear = 4; // LO_FLAGS_AUTOCLEAR
    private const int Busy = 16; // EBUSY
    private const int Attempts = 50;

    private readonly SafeFileHandle _device;

    private LoopDevice(string path, SafeFileHandle device)
    {
        Path = path;
        _device = device;
    }

    /// <summary>The device, e.g. <c>/dev/loop3</c>.</summary>
    public string Path { get; }

    /// <summary>What is missing for such devices here, or null.</summary>
    public static string? WhyNot() => File.Exists(ControlPath) ? null : $"there are no loop devices ({ControlPath})";

    /// <summary>Makes a device of a file.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public static LoopDevice Attach(string file)
    {
        using var control = File.OpenHandle(ControlPath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using var backing = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        Span<byte> config = stackalloc byte[ConfigSize];
        BinaryPrimitives.WriteInt32LittleEndian(config, (int)backing.DangerousGetHandle());
        BinaryPrimitives.WriteInt32LittleEndian(config[FlagsOffset..], AutoClear);
        for (var attempt = 1; ; attempt++)
        {
            var number = IoControl(control, GetFree, 0);
            if (number < 0) throw Kernel.Failure("a free loop device");
            var path = string.Create(CultureInfo.InvariantCulture, $"/dev/loop{number}");
            var device = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            if (IoControl(device, Configure, ref MemoryMarshal.GetReference(config)) == 0) return new LoopDevice(path, device);
            var failure = Kernel.Failure($"a loop device over {file}");
            device.Dispose();
            if (failure.HResult != Busy || attempt == Attempts) throw failure; // somebody else took it in between
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _device.Dispose();

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoControl(SafeFileHandle file, nuint request, nint argument);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoControl(SafeFileHandle file, nuint request, ref byte argument);
}
