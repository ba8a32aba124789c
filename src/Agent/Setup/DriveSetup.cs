using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Configuration.Keys;
using SyncAgent.Agent.Hosting;
using SyncAgent.Store;

namespace SyncAgent.Agent.Setup;

/// <summary>A drive to be added to a configuration file.</summary>
/// <param name="Config">The file, absolute; made when it is not there.</param>
/// <param name="MountPoint">Absolute path.</param>
/// <param name="Target">The bucket. Where it gets keys, its source of credentials becomes the credentials file.</param>
internal sealed record DrivePlan(string Config, string MountPoint, TargetSettings Target)
{
    /// <summary>Keys to keep in the credentials file beside the configuration, or null: the target names their source.</summary>
    public StoreCredentials? Keys { get; init; }

    /// <summary>Name of their profile there.</summary>
    public string Profile { get; init; } = "default";

    /// <summary>Refuse every change.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Let other users in.</summary>
    public bool AllowOther { get; init; }

    /// <summary>State folder for a new file, or null: the default.</summary>
    public string? State { get; init; }
}

/// <summary>Writes a drive into a configuration file: everything that stands there, comments too, stays as it is.</summary>
internal static class DriveSetup
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The credentials file of a configuration file.</summary>
    public static string CredentialsOf(string config) => Path.Combine(Path.GetDirectoryName(config)!, "credentials");

    /// <summary>Adds the drive; nothing is written when the outcome would have a mistake.</summary>
    /// <returns>The file as it is then.</returns>
    /// <exception cref="CommandException">Exit code 78: the drive does not fit beside those that are there, or the file has a mistake already.</exception>
    public static ConfigFile Add(DrivePlan plan)
    {
        var folder = Path.GetDirectoryName(plan.Config)!;
        var target = plan.Keys is null
            ? plan.Target
            : plan.Target with { Credentials = new CredentialsSettings { Source = CredentialsSource.File, Path = CredentialsOf(plan.Config), Profile = plan.Profile } };
        var before = NewFile(plan.State);
        if (File.Exists(plan.Config))
        {
            ConfigFile.Read(plan.Config); // its own mistakes, before one is looked for in what is added
            before = File.ReadAllText(plan.Config);
        }

        var text = ConfigText.AddDrive(before, Describe(plan, target).ToJsonString(Layout));
        var mistakes = new List<string>();
        var config = ConfigFile.Parse(text, folder, mistakes);
        if (mistakes.Count > 0) throw CommandException.Configuration([.. mistakes.Select(mistake => ConfigLines.Place(plan.Config, text, mistake))]);
        var state = Path.TrimEndingDirectorySeparator(config.State ?? plan.State ?? folder);
        if (config.State is not null) DriveValidator.CheckMountPoint(plan.MountPoint, state, "mount", mistakes);
        if (mistakes.Count > 0) throw CommandException.Configuration(mistakes);

        if (!Directory.Exists(folder)) OwnFolder.Create(folder);
        // The keys first: a drive whose keys are missing would not mount.
        if (plan.Keys is { } keys) CredentialsText.Write(CredentialsOf(plan.Config), plan.Profile, target.Store, keys);
        ConfigText.Replace(plan.Config, text);
        return config;
    }

    private static string NewFile(string? state) => state is null ? "{\n}\n" : $"{{\n  \"state\": {JsonSerializer.Serialize(state)}\n}}\n";

    private static JsonObject Describe(DrivePlan plan, TargetSettings target)
    {
        var drive = new JsonObject { ["mount"] = plan.MountPoint, ["store"] = target.Store };
        Set("endpoint", target.Endpoint);
        Set("region", target.Region);
        Set("bucket", target.Bucket);
        Set("prefix", target.Prefix);
        if (target.Addressing != OssAddressing.Auto) Set("addressing", DriveKeys.Addressing.Show(target.Addressing));
        if (target.ConditionalWrites != S3ConditionalWrites.Auto) Set("conditionalWrites", DriveKeys.ConditionalWrites.Show(target.ConditionalWrites));
        if (target.Internal) drive["internal"] = true;
        if (target.AllowHttp) drive["allowHttp"] = true;
        if (plan.ReadOnly) drive["readOnly"] = true;
        if (plan.AllowOther) drive["allowOther"] = true;
        Set("credentials", CredentialsReader.Format(target.Credentials));
        var usual = new ConnectionOptions();
        Set("proxy", target.Connection.Proxy);
        Set("caFile", target.Connection.CaFile);
        SetSeconds("connectTimeoutSeconds", target.Connection.ConnectTimeout, usual.ConnectTimeout);
        SetSeconds("stallTimeoutSeconds", target.Connection.StallTimeout, usual.StallTimeout);
        SetSeconds("responseTimeoutSeconds", target.Connection.ResponseTimeout, usual.ResponseTimeout);
        SetSeconds("idleTimeoutSeconds", target.Connection.IdleTimeout, usual.IdleTimeout);
        return drive;

        void Set(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) drive[name] = value;
        }

        void SetSeconds(string name, TimeSpan value, TimeSpan usually)
        {
            if (value != usually) drive[name] = value.TotalSeconds;
        }
    }
}
