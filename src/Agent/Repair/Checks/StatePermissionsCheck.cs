using System.Globalization;
using System.Runtime.Versioning;
using SyncAgent.Agent.Hosting;
using SyncAgent.Store;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Whether the state folder and all in it belong to this user alone.</summary>
internal sealed class StatePermissionsCheck : ICheck
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public string Name => "permissions of the state folder";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (!OperatingSystem.IsLinux()) return Task.FromResult(CheckOutcome.Skip("access rights on Windows are the folder's own"));
        if (!Directory.Exists(patient.State)) return Task.FromResult(CheckOutcome.Skip($"{patient.State} does not exist yet"));
        return Task.FromResult(Look(patient.State, stop));
    }

    [SupportedOSPlatform("linux")]
    private static CheckOutcome Look(string state, CancellationToken stop)
    {
        var me = NativeMethods.EffectiveUserId();
        var open = new Group();
        var foreign = new Group();
        var links = new Group();
        foreach (var path in Everything(state))
        {
            stop.ThrowIfCancellationRequested();
            if (TryRead(path, isTop: path == state) is not { } file) continue;
            if (file.IsSymbolicLink) links.Add(path);
            else if (file.Owner != me) foreign.Add(path);
            else if (((UnixFileMode)file.Mode & Others) != 0) open.Add(path);
        }

        return CheckOutcome.Of(
            open.Count == 0 ? null : new Finding($"{open} open to other users", $"Close them: chmod -R go= {state}")
            {
                Fix = token => Task.FromResult(Close(state, me, token)),
            },
            foreign.Count == 0 ? null : new Finding($"{foreign} of another user", $"Find out why; then as root: chown -R $USER {state}"),
            links.Count == 0 ? null : new Finding($"{links} symbolic links, of which the agent makes none", "Find out who made them, and take them away."));
    }

    [SupportedOSPlatform("linux")]
    private static string Close(string state, uint me, CancellationToken stop)
    {
        var changed = 0;
        foreach (var path in Everything(state))
        {
            stop.ThrowIfCancellationRequested();
            if (TryRead(path, isTop: path == state) is not { } file || file.IsSymbolicLink || file.Owner != me || ((UnixFileMode)file.Mode & Others) == 0) continue;
            File.SetUnixFileMode(path, (UnixFileMode)(file.Mode & 0xFFF) & ~Others);
            changed++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"closed {changed} files and folders to other users");
    }

    private static IEnumerable<string> Everything(string state) =>
        Directory.EnumerateFileSystemEntries(state, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true }).Prepend(state);

    // A live agent takes files away.
    [SupportedOSPlatform("linux")]
    private static LinuxFileStatus? TryRead(string path, bool isTop)
    {
        try
        {
            return LinuxFileStatus.Read(path, followLink: isTop);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private sealed class Group
    {
        private string _first = "";

        public int Count { get; private set; }

        public void Add(string path)
        {
            if (Count++ == 0) _first = path;
        }

        public override string ToString() => Count == 1
            ? $"1 file or folder ({_first}) is"
            : string.Create(CultureInfo.InvariantCulture, $"{Count} files and folders ({_first} the first) are");
    }
}
