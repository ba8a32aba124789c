using System.CommandLine;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Cli;

/// <summary>The options that name a bucket, shared by all commands that talk to one.</summary>
internal sealed class TargetOptions
{
    private readonly Option<string> _store = new("--store") { Description = "oss (s3 comes with a later version)", HelpName = "TYPE" };
    private readonly Option<string> _endpoint = new("--endpoint") { Description = "Host or URL of the store", HelpName = "URL" };
    private readonly Option<string> _region = new("--region") { Description = "Region id, e.g. cn-hangzhou", HelpName = "REGION" };
    private readonly Option<string> _bucket = new("--bucket") { Description = "Bucket", HelpName = "NAME" };
    private readonly Option<string> _prefix = new("--prefix") { Description = "Only the keys below this prefix", HelpName = "PREFIX" };
    private readonly Option<string> _addressing = new("--addressing")
    {
        Description = "How the bucket is named in requests: auto, virtual-host, path, cname",
        HelpName = "KIND",
    };

    private readonly Option<bool> _allowHttp = new("--allow-http") { Description = "Allow http to another machine: contents cross the network unencrypted" };

    /// <summary>Adds the options to a command.</summary>
    public TargetOptions(Command command)
    {
        foreach (var option in (Option[])[_store, _endpoint, _region, _bucket, _prefix, _addressing, _allowHttp]) command.Options.Add(option);
    }

    /// <summary>How a field is called on the command line.</summary>
    public static string NameOf(string field) => "--" + field;

    /// <summary>Whether any of them was given.</summary>
    public bool AnyGiven(ParseResult parsed) => Draft(parsed) != new TargetDraft();

    /// <summary>What was given.</summary>
    public TargetDraft Draft(ParseResult parsed) => new()
    {
        Store = parsed.GetValue(_store),
        Endpoint = parsed.GetValue(_endpoint),
        Region = parsed.GetValue(_region),
        Bucket = parsed.GetValue(_bucket),
        Prefix = parsed.GetValue(_prefix),
        Addressing = parsed.GetValue(_addressing),
        AllowHttp = parsed.GetValue(_allowHttp),
    };
}
