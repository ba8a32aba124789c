using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows;

/// <summary>WinFsp as it is installed, loaded. It is never searched by its bare name: whatever lies beside the program, or in the working
/// directory, is not to be loaded.</summary>
public sealed class WinFspDll
{
    /// <summary>To be shown in the user interface and the documentation, with <see cref="Repository"/>: its licence's exception for free software.</summary>
    public const string Notice = "WinFsp - Windows File System Proxy, Copyright (C) Bill Zissimopoulos";

    /// <summary>Where the notice links to.</summary>
    public const string Repository = "https://github.com/winfsp/winfsp";

    /// <summary>Where WinFsp can be had.</summary>
    public const string Download = "https://github.com/winfsp/winfsp/releases";

    private const string Key = @"SOFTWARE\WinFsp";
    private const string Value = "InstallDir";

    private static readonly Version Oldest = new(2, 0);
    private static readonly Version OldestSafe = new(2, 2);

    internal WinFspDll(string path, FspApi api)
    {
        Path = path;
        Api = api;
        Version = ReadVersion(path, api);
        if (Version < Oldest)
        {
            throw new WindowsMountException(
                WindowsMountFailure.TooOld, $"WinFsp {Version} is installed, and {Oldest} is needed.", $"Install a newer version from {Download}.");
        }
    }

    /// <summary>The library's full path.</summary>
    public string Path { get; }

    /// <summary>Major and minor version.</summary>
    public Version Version { get; }

    /// <summary>Why another version should be installed, and how; or null.</summary>
    public string? Warning => Version < OldestSafe
        ? $"WinFsp {Version} has security faults that {OldestSafe} mends (CVE-2026-3006, CVE-2026-7162): install {OldestSafe} or newer from {Download}."
        : null;

    internal FspApi Api { get; }

    /// <summary>Where the installed library is, as the registry says; null where there is none.</summary>
    [SupportedOSPlatform("windows")]
    public static string? Locate()
    {
        using var machine = RegistryKey.OpenBaseKey(RegistryHive.LocalMachine, RegistryView.Registry32);
        using var key = machine.OpenSubKey(Key);
        if (key?.GetValue(Value) is not string { Length: > 0 } folder) return null;
        var name = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "winfsp-a64.dll" : "winfsp-x64.dll";
        var path = System.IO.Path.Combine(folder, "bin", name);
        return System.IO.Path.IsPathFullyQualified(path) && File.Exists(path) ? path : null;
    }

    /// <summary>Loads the installed library.</summary>
    /// <exception cref="WindowsMountException">There is none, or it is too old or does not load; the message says what to do.</exception>
    [SupportedOSPlatform("windows")]
    public static WinFspDll Load()
    {
        if (Locate() is not { } path)
        {
            throw new WindowsMountException(
                WindowsMountFailure.NotInstalled, "A drive needs WinFsp, which is not installed.", $"Install it from {Download}, then mount again.");
        }

        try
        {
            return new WinFspDll(path, FspApi.Bind(NativeLibrary.Load(path)));
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            throw new WindowsMountException(
                WindowsMountFailure.CannotLoad, $"{path} does not load: {e.Message}", $"Install WinFsp again from {Download}.", e);
        }
    }

    private static unsafe Version ReadVersion(string path, FspApi api)
    {
        const int HalfBits = 16;
        uint version;
        var status = api.Version(&version);
        if (status >= 0) return new Version((int)(version >> HalfBits), (int)(version & ushort.MaxValue));
        throw new WindowsMountException(
            WindowsMountFailure.CannotLoad, $"{path} does not tell its version (0x{status:X8}).", $"Install WinFsp again from {Download}.");
    }
}
