using System.Runtime.CompilerServices;
using SyncAgent.Tray.Windows;

namespace SyncAgent.Tray.Tests.Session;

/// <summary>Structures of the Windows headers, as their 64-bit compilers lay them out.</summary>
public sealed class WindowsLayoutTests
{
    [Fact]
    public void Structures_have_the_sizes_of_the_headers()
    {
        Assert.Equal(976, Unsafe.SizeOf<Win32.NOTIFYICONDATAW>());
        Assert.Equal(80, Unsafe.SizeOf<Win32.WNDCLASSEXW>());
        Assert.Equal(48, Unsafe.SizeOf<Win32.MSG>());
    }

    [Fact]
    public void Texts_are_cut_to_their_field_with_an_end_and_no_half_characters()
    {
        Span<char> field = stackalloc char[4];
        NotifyIcon.Copy("abcdef", field);
        Assert.Equal("abc\0", field.ToString());
        NotifyIcon.Copy("ab\U0001F600", field);
        Assert.Equal("ab\0", field[..3].ToString());
        NotifyIcon.Copy("", field);
        Assert.Equal('\0', field[0]);
    }
}
