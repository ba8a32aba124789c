using System.CommandLine;
using SyncAgent.Agent.Configuration;
using SyncAgent.Store;

namespace SyncAgent.Agent.Cli;

/// <summary>The options that name a bucket and the way to it, shared by all commands that talk to one.</summary>
internal sealed class TargetOptions
{
    private readonly Option<string> _store = new("--store") { Description = "oss (default) or s3", HelpName = "TYPE" };
    private readonly Option<string> _endpoint = new("--endpoint") { Description = "Host or URL of the store", HelpName = "URL" };
    private readonly Option<string> _region = new("--region") { Description = "Region id, e.g. cn-hangzhou", HelpName = "REGION" };
    private readonly Option<string> _bucket = new("--bucket") { Description = "Bucket", HelpName = "NAME" };
    private readonly Option<string> _prefix = new("--prefix") { Description = "Only the keys below this prefix", HelpName = "PREFIX" };
    private readonly Option<string> _addressing = new("--addressing")
    {
        Description = "How the bucket is named in requests: auto, virtual-host, path, cname",
        HelpName = "KIND",
    };

    private readonly Option<string> _conditionalWrites = new("--conditional-writes")
    {
        Description = "s3: whether the store is known to honour create-only puts: auto, on, off",
        HelpName = "KIND",
    };

    private readonly Option<bool> _internal = new("--internal") { Description = "oss: use the region's endpoint inside Alibaba's network" };
    private readonly Option<bool> _allowHttp = new("--allow-http") { Description = "Allow http to another machine: contents cross the network unencrypted" };

    private readonly Option<string> _credentials = new("--credentials")
    {
        Description = $"Where keys come from: {CredentialsReader.Forms} (default: env)",
        HelpName = "SOURCE",
    };

    private readonly Option<string> _proxy = new("--proxy") { Description = "URL of a proxy, or none (default: HTTPS_PROXY and its like)", HelpName = "URL" };
    private readonly Option<string> _caFile = new("--ca-file") { Description = "PEM file with certificate authorities to trust as well", HelpName = "FILE" };
    private readonly Option<TimeSpan?> _connectTimeout = NumberOptions.Seconds("--connect-timeout", "To establish a connection (default 10)");
    private readonly Option<TimeSpan?> _stallTimeout = NumberOptions.Seconds("--stall-timeout", "Without a byte of progress (default 30)");
    private readonly Option<TimeSpan?> _responseTimeout = NumberOptions.Seconds("--response-timeout", "Until the store answers (default 120)");
    private readonly Option<TimeSpan?> _idleTimeout = NumberOptions.Seconds("--idle-timeout", "How long an unused connection is kept (default 45)");

    /// <summary>Adds the options to a command.</summary>
    public TargetOptions(Command command)
    {
        _store.CompletionSources.Add(TargetSettings.Oss, TargetSettings.S3);
        _addressing.CompletionSources.Add("auto", "virtual-host", "path", "cname");
        _conditionalWrites.CompletionSources.Add("auto", "on", "off");
        _credentials.CompletionSources.Add("env", "file:", "process:", "ecs", "assume-role:");
        _proxy.CompletionSources.Add(ConnectionOptions.NoProxy);
        foreach (var option in (Option[])
            [
                _store, _endpoint, _region, _bucket, _prefix, _addressing, _conditionalWrites, _internal, _allowHttp,
                _credentials, _proxy, _caFile, _connectTimeout, _stallTimeout, _responseTimeout, _idleTimeout,
            ])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>How a field is called on the command line.</summary>
    public static string NameOf(string field)
    {
        if (field.EndsWith("Seconds", StringComparison.Ordinal)) field = field[..^"Seconds".Length];
        return "--" + string.Concat(field.Select(c => char.IsUpper(c) ? $"-{char.ToLowerInvariant(c)}" : c.ToString()));
    }

    /// <summary>Whether a bucket was named.</summary>
    public bool AnyGiven(ParseResult parsed) => Target(parsed) != new TargetDraft();

    /// <summary>Whether a source of keys was named.</summary>
    public bool NamesCredentials(ParseResult parsed) => parsed.GetValue(_credentials) is not null;

    /// <summary>Whether a way to the bucket was named: keys, a proxy, an authority, time-outs.</summary>
    public bool NamesAccess(ParseResult parsed) => Access(parsed, []) != new AccessDraft();

    /// <summary>The bucket that was named, checked.</summary>
    /// <returns>Null with at least one mistake added.</returns>
    public TargetSettings? Read(ParseResult parsed, ICollection<string> mistakes) =>
        TargetValidator.Check(Target(parsed), Access(parsed, mistakes), NameOf, mistakes);

    /// <summary>Another target, with the way to it that was given in place of its own; mistakes are added to the list.</summary>
    public TargetSettings ApplyAccess(ParseResult parsed, TargetSettings target, ICollection<string> mistakes)
    {
        var changed = Access(parsed, mistakes).ApplyTo(target);
        if (changed != target) TargetValidator.CheckStore(changed, NameOf, mistakes);
        return changed;
    }

    /// <summary>What is wrong when the bucket that was named, right or not, needs keys of the environment and there are none, or null.</summary>
    public string? MissingKeys(ParseResult parsed, Func<string, string?> environment) => Credentials.Missing(
        Access(parsed, []).ApplyTo(new TargetSettings(
            parsed.GetValue(_store) ?? TargetSettings.Oss, null, null, "", "", OssAddressing.Auto, AllowHttp: false)),
        environment);

    private TargetDraft Target(ParseResult parsed) => new()
    {
        Store = parsed.GetValue(_store),
        Endpoint = parsed.GetValue(_endpoint),
        Region = parsed.GetValue(_region),
        Bucket = parsed.GetValue(_bucket),
        Prefix = parsed.GetValue(_prefix),
        Addressing = parsed.GetValue(_addressing),
        ConditionalWrites = parsed.GetValue(_conditionalWrites),
        Internal = parsed.GetValue(_internal),
        AllowHttp = parsed.GetValue(_allowHttp),
    };

    private AccessDraft Access(ParseResult parsed, ICollection<string> mistakes)
    {
        var folder = Directory.GetCurrentDirectory();
        // Every user of the machine can read command lines, and an agent keeps its own for as long as it lives.
        if (parsed.GetValue(_proxy) is { } proxy && ConnectionOptions.HasPassword(proxy))
            mistakes.Add($"{_proxy.Name}: a password on the command line can be read by every user of this machine; put the proxy into the configuration file or into HTTPS_PROXY.");
        return new AccessDraft
        {
            Credentials = parsed.GetValue(_credentials) is { } source ? CredentialsReader.Parse(source, folder, _credentials.Name, mistakes) : null,
            Proxy = parsed.GetValue(_proxy),
            CaFile = parsed.GetValue(_caFile) is { Length: > 0 } file ? CredentialsReader.Absolute(file, folder) : null,
            ConnectTimeout = parsed.GetValue(_connectTimeout),
            StallTimeout = parsed.GetValue(_stallTimeout),
            ResponseTimeout = parsed.GetValue(_responseTimeout),
            IdleTimeout = parsed.GetValue(_idleTimeout),
        };
    }
}
