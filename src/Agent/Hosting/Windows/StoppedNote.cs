using System.Runtime.Versioning;
using Microsoft.Win32;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>What an installer has ended and is to start again, in the registry: the process that starts is that of another version.</summary>
[SupportedOSPlatform("windows")]
internal sealed class StoppedNote
{
    private const string Path = @"SOFTWARE\SyncAgent\Stopped";

    private readonly RegistryKey _root;

    private StoppedNote(RegistryKey root) => _root = root;

    /// <summary>The present user's.</summary>
    public static StoppedNote OfUser { get; } = new(Registry.CurrentUser);

    /// <summary>The machine's.</summary>
    public static StoppedNote OfMachine { get; } = new(Registry.LocalMachine);

    /// <summary>
    /// When an upgrade began that removes the version before, or null. Windows tells that version so (UPGRADINGPRODUCTCODE), Wine does not; and to take an upgrade for a removal would take away
    /// what starts by itself.
    /// </summary>
    public DateTimeOffset? Upgrade
    {
        get => Read(nameof(Upgrade)) is long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        set => Write(nameof(Upgrade), value!.Value.UtcTicks);
    }

    /// <summary>Whether the service ran.</summary>
    public bool Service
    {
        get => Read(nameof(Service)) is 1;
        set => Write(nameof(Service), value ? 1 : 0);
    }

    /// <summary>Whether the tray ran.</summary>
    public bool Tray
    {
        get => Read(nameof(Tray)) is 1;
        set => Write(nameof(Tray), value ? 1 : 0);
    }

    /// <summary>Whether the store of the demo ran.</summary>
    public bool Demo
    {
        get => Read(nameof(Demo)) is 1;
        set => Write(nameof(Demo), value ? 1 : 0);
    }

    /// <summary>Where drives were mounted.</summary>
    public IReadOnlyList<string> Drives
    {
        get => Read(nameof(Drives)) as string[] ?? [];
        set => Write(nameof(Drives), value.ToArray());
    }

    /// <summary>Nothing was ended.</summary>
    public void Clear() => _root.DeleteSubKeyTree(Path, throwOnMissingSubKey: false);

    private object? Read(string name)
    {
        using var key = _root.OpenSubKey(Path);
        return key?.GetValue(name);
    }

    private void Write(string name, object value)
    {
        using var key = _root.CreateSubKey(Path);
        if (value is long number) key.SetValue(name, number, RegistryValueKind.QWord);
        else key.SetValue(name, value);
    }
}
