using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Setup;
using SyncAgent.Store;

namespace SyncAgent.Agent.Cli.Init;

/// <summary>The store of a demo drive: <c>syncagent dev-store</c> in a process of its own on this machine, so that a trial needs no account.
/// Its objects and its port are kept in a folder; it ends with the machine, and the same command starts it again.</summary>
internal sealed class DemoStore(string folder, string credentials, CliContext context)
{
    /// <summary>Its bucket.</summary>
    public const string Bucket = "demo";

    /// <summary>The keys' profile in the credentials file.</summary>
    public const string Profile = "demo";

    private const string Region = "cn-hangzhou";

    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    /// <summary>Where the store keeps its objects.</summary>
    public string Folder => folder;

    private string PidFile => Path.Combine(folder, "pid");

    private string PortFile => Path.Combine(folder, "port");

    /// <summary>Folder of the user's demo.</summary>
    public static string DefaultFolder(Func<string, string?> environment) => OperatingSystem.IsWindows() ? StateFolder.Default(environment) + "Demo" : Path.Combine(
        environment("XDG_DATA_HOME") is { } data && Path.IsPathFullyQualified(data)
            ? data
            : Path.Combine(environment("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share"),
        "syncagent", "demo");

    /// <summary>That of the user's own configuration.</summary>
    public static DemoStore Of(CliContext context) =>
        new(DefaultFolder(context.Environment), DriveSetup.CredentialsOf(new ServiceScope(system: false, context).DefaultConfig), context);

    /// <summary>Ends its process: every object is on disk.</summary>
    /// <param name="isIts">Whether a process with the number that it had is still the store.</param>
    /// <returns>Whether it ran.</returns>
    public bool TryKill(Func<int, bool> isIts)
    {
        if (!File.Exists(PidFile) || !int.TryParse(File.ReadAllText(PidFile), CultureInfo.InvariantCulture, out var pid) || !isIts(pid)) return false;
        using var process = Process.GetProcessById(pid);
        process.Kill();
        return process.WaitForExit(EndPatience);
    }

    /// <summary>Starts it, unless it runs.</summary>
    /// <returns>The bucket, and its keys.</returns>
    public async Task<(TargetSettings Target, StoreCredentials Keys)> EnsureAsync(CancellationToken stop)
    {
        OwnFolder.Create(folder);
        var keys = await ReadKeysAsync(stop) ?? new StoreCredentials($"demo{RandomHex(8)}", RandomHex(20));
        if (ReadPort() is { } known && await AnswersAsync(TargetAt(known), keys, stop)) return (TargetAt(known), keys);
        var port = await StartAsync(keys, stop);
        await File.WriteAllTextAsync(PortFile, port.ToString(CultureInfo.InvariantCulture), stop);
        return (TargetAt(port), keys);
    }

    private static TargetSettings TargetAt(int port) => new(
        TargetSettings.Oss, string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"), Region, Bucket, "", OssAddressing.Auto, AllowHttp: false);

    private async Task<StoreCredentials?> ReadKeysAsync(CancellationToken stop)
    {
        if (!File.Exists(credentials)) return null;
        try
        {
            return await new ProfileCredentials(credentials, Profile).GetAsync(stop);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.BadCredentials)
        {
            return null; // the file has keys of other drives only
        }
    }

    private int? ReadPort() =>
        File.Exists(PortFile) && int.TryParse(File.ReadAllText(PortFile), CultureInfo.InvariantCulture, out var port) ? port : null;

    // Some other program may have the port now: only a store that knows these keys is ours.
    private async Task<bool> AnswersAsync(TargetSettings target, StoreCredentials keys, CancellationToken stop) =>
        (await StoreTrial.RunAsync(target, new StaticCredentials(keys), context.Time, stop, write: false)).Ok;

    private async Task<int> StartAsync(StoreCredentials keys, CancellationToken stop)
    {
        var own = OwnProgram.Find();
        var log = Path.Combine(folder, "store.log");
        // Kept, since a drive is bound to its endpoint.
        var port = (ReadPort() ?? 0).ToString(CultureInfo.InvariantCulture);
        var (pid, exitCode) = await ReadyProcess.StartAsync(
            own[0], [.. own.Skip(1), "dev-store", "--root", Path.Combine(folder, "store"), "--port", port, "--bucket", Bucket, "--region", Region], log,
            new Dictionary<string, string>
            {
                [EnvironmentCredentials.KeyIdVariable] = keys.AccessKeyId,
                [EnvironmentCredentials.SecretVariable] = keys.AccessKeySecret,
                [EnvironmentCredentials.TokenVariable] = "",
            },
            stop);
        if (exitCode is not null) throw new CommandException(ExitCodes.NeedsUser, $"the demo's store did not start; {log} says why.");
        await File.WriteAllTextAsync(PidFile, pid.ToString(CultureInfo.InvariantCulture), stop);
        const string Says = "listens at http://127.0.0.1:";
        var line = LogFiles.ReadFrom(log, 0).Split('\n').Last(line => line.Contains(Says, StringComparison.Ordinal));
        return int.Parse(line[(line.IndexOf(Says, StringComparison.Ordinal) + Says.Length)..].Split(',')[0], CultureInfo.InvariantCulture);
    }

    private static string RandomHex(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}
