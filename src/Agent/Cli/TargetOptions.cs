using System.CommandLine;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Configuration.Keys;
using SyncAgent.Store;

namespace SyncAgent.Agent.Cli;

/// <summary>The options that name a bucket and the way to it, shared by all commands that talk to one.</summary>
internal static class TargetOptions
{
    private static readonly ConfigKey[] OfTarget =
    [
        DriveKeys.Store, DriveKeys.Endpoint, DriveKeys.Region, DriveKeys.Bucket, DriveKeys.Prefix, DriveKeys.Addressing, DriveKeys.ConditionalWrites,
        DriveKeys.Internal, DriveKeys.AllowHttp,
    ];

    private static readonly ConfigKey[] OfAccess =
    [
        DriveKeys.Credentials, DriveKeys.Proxy, DriveKeys.CaFile, DriveKeys.ConnectTimeout, DriveKeys.StallTimeout, DriveKeys.ResponseTimeout,
        DriveKeys.IdleTimeout,
    ];

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(Command command) => GivenOptions.AddTo(command, [.. OfTarget, .. OfAccess]);

    /// <summary>Whether a bucket was named.</summary>
    public static bool AnyGiven(ParseResult parsed) => new GivenOptions(parsed, []).HasAny(OfTarget);

    /// <summary>Whether a source of keys was named.</summary>
    public static bool NamesCredentials(ParseResult parsed) => new GivenOptions(parsed, []).HasAny(DriveKeys.Credentials);

    /// <summary>Whether a way to the bucket was named: keys, a proxy, an authority, time-outs.</summary>
    public static bool NamesAccess(ParseResult parsed) => new GivenOptions(parsed, []).HasAny(OfAccess);

    /// <summary>The bucket that was named, checked.</summary>
    /// <returns>Null with at least one mistake added.</returns>
    public static TargetSettings? Read(ParseResult parsed, ICollection<string> mistakes) =>
        TargetValidator.Check(TargetReader.ReadTarget(new GivenOptions(parsed, mistakes)), Access(parsed, mistakes), NameOf, mistakes);

    /// <summary>Another target, with the way to it that was given in place of its own; mistakes are added to the list.</summary>
    public static TargetSettings ApplyAccess(ParseResult parsed, TargetSettings target, ICollection<string> mistakes)
    {
        var changed = Access(parsed, mistakes).ApplyTo(target);
        if (changed != target) TargetValidator.CheckStore(changed, NameOf, mistakes);
        return changed;
    }

    /// <summary>What is wrong when the bucket that was named, right or not, needs keys of the environment and there are none, or null.</summary>
    public static string? MissingKeys(ParseResult parsed, Func<string, string?> environment) => Credentials.Missing(
        Access(parsed, []).ApplyTo(new TargetSettings(
            new GivenOptions(parsed, []).Text(DriveKeys.Store) ?? TargetSettings.Oss, null, null, "", "", OssAddressing.Auto, AllowHttp: false)),
        environment);

    // How a field of a target is called on the command line.
    private static string NameOf(string field) => DriveKeys.Group.Find(field)?.Option ?? field;

    private static AccessDraft Access(ParseResult parsed, ICollection<string> mistakes)
    {
        var given = new GivenOptions(parsed, mistakes);
        // Every user of the machine can read command lines, and an agent keeps its own for as long as it lives.
        if (given.Text(DriveKeys.Proxy) is { } proxy && ConnectionOptions.HasPassword(proxy))
            given.Refuse(DriveKeys.Proxy, "a password on the command line can be read by every user of this machine; put the proxy into the configuration file or into HTTPS_PROXY.");
        return TargetReader.ReadAccess(given, Directory.GetCurrentDirectory());
    }
}
