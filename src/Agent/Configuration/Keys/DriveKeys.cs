using SyncAgent.Fs.Core;
using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>The keys of a drive.</summary>
internal static class DriveKeys
{
    private const double MaxSeconds = 3600;

    private static readonly ConnectionOptions Usual = new();

    public static readonly ConfigGroup Group = new(
        "A drive", "Each object of the list `drives`. The options are those of `mount`; `init`, `put`, `get`, `ls` and `uploads` take those that say which bucket and how to get there.");

    public static readonly TextKey Mount = Group.Add(new TextKey("mount")
    {
        Form = "a path", Required = true, Meaning = "folder to mount on: existing and empty",
        Note = "On Windows a letter (`\"S:\"`, or `\"*\"` for the next free one) or a folder that does not exist yet. On the command line it is the argument `DIR`.",
    });

    public static readonly TextKey Store = Group.Add(new TextKey("store")
    {
        Option = "--store", HelpName = "TYPE", Words = [TargetSettings.Oss, TargetSettings.S3], Otherwise = TargetSettings.Oss,
        Meaning = "whose protocol the store speaks, Alibaba's or Amazon's",
    });

    public static readonly TextKey Endpoint = Group.Add(new TextKey("endpoint")
    {
        Option = "--endpoint", HelpName = "URL", Form = "a host or URL", Otherwise = "the region's own", Meaning = "host or URL of the store",
        Note = "https unless the host is this machine, or `allowHttp` is set.",
    });

    public static readonly TextKey Region = Group.Add(new TextKey("region")
    {
        Option = "--region", HelpName = "REGION", Meaning = "region id, e.g. cn-hangzhou", Note = "Part of every signature.",
    });

    public static readonly TextKey Bucket = Group.Add(new TextKey("bucket") { Option = "--bucket", HelpName = "NAME", Required = true, Meaning = "name of the bucket" });

    public static readonly TextKey Prefix = Group.Add(new TextKey("prefix")
    {
        Option = "--prefix", HelpName = "PREFIX", Otherwise = "the whole bucket", Meaning = "only the keys below this prefix", Note = "Ends in `/`, which is added where it is missing.",
    });

    public static readonly ChoiceKey<OssAddressing> Addressing = Group.Add(new ChoiceKey<OssAddressing>(
        "addressing", ("auto", OssAddressing.Auto), ("virtual-host", OssAddressing.VirtualHost), ("path", OssAddressing.Path), ("cname", OssAddressing.Cname))
    {
        Option = "--addressing", Default = OssAddressing.Auto, Meaning = "how the bucket is named in requests",
        Note = "`auto` is `path` for IP addresses and localhost, else `virtual-host`; `cname` for a custom domain (`oss` only).",
    });

    public static readonly FlagKey Internal = Group.Add(new FlagKey("internal")
    {
        Option = "--internal", Meaning = "use the region's endpoint inside Alibaba's network", Note = "`oss` only, without `endpoint`.",
    });

    public static readonly ChoiceKey<S3ConditionalWrites> ConditionalWrites = Group.Add(new ChoiceKey<S3ConditionalWrites>(
        "conditionalWrites", ("auto", S3ConditionalWrites.Auto), ("on", S3ConditionalWrites.On), ("off", S3ConditionalWrites.Off))
    {
        Option = "--conditional-writes", Default = S3ConditionalWrites.Auto, Meaning = "whether an S3 store is known to honour create-only puts",
    });

    public static readonly FlagKey AllowHttp = Group.Add(new FlagKey("allowHttp")
    {
        Option = "--allow-http", Meaning = "allow http to another machine: contents cross the network unencrypted",
    });

    public static readonly SectionKey Credentials = Group.Add(new SectionKey("credentials", CredentialsKeys.Group)
    {
        Option = "--credentials", HelpName = "SOURCE", ShortForm = CredentialsReader.Forms, Words = ["env", "file:", "process:", "ecs", "assume-role:"],
        Otherwise = "env", Meaning = "where keys come from", Note = "[Credentials](configuration.md#credentials) explains them.",
    });

    public static readonly TextKey Proxy = Group.Add(new TextKey("proxy")
    {
        Option = "--proxy", HelpName = "URL", Form = "a URL, or none", Otherwise = "HTTPS_PROXY and its like", Meaning = "URL of a proxy, or none",
        Note = "`http://user:password@host:3128`; also https, socks4, socks4a, socks5. Never used to reach this machine. [Proxies](configuration.md#proxies) says where its password may stand.",
    });

    public static readonly TextKey CaFile = Group.Add(new TextKey("caFile")
    {
        Option = "--ca-file", HelpName = "FILE", Form = "a path", Meaning = "PEM file with certificate authorities to trust as well", Note = "Host names must match all the same.",
    });

    public static readonly SecondsKey ConnectTimeout = Group.Add(new SecondsKey("connectTimeoutSeconds", 1, 300)
    {
        Option = "--connect-timeout", Default = Usual.ConnectTimeout, Meaning = "longest time to establish a connection",
    });

    public static readonly SecondsKey StallTimeout = Group.Add(new SecondsKey("stallTimeoutSeconds", 1, MaxSeconds)
    {
        Option = "--stall-timeout", Default = Usual.StallTimeout, Meaning = "longest time without a byte of progress in a body",
    });

    public static readonly SecondsKey ResponseTimeout = Group.Add(new SecondsKey("responseTimeoutSeconds", 1, MaxSeconds)
    {
        Option = "--response-timeout", Default = Usual.ResponseTimeout, Meaning = "longest time from a request's end to its answer",
    });

    public static readonly SecondsKey IdleTimeout = Group.Add(new SecondsKey("idleTimeoutSeconds", 1, MaxSeconds)
    {
        Option = "--idle-timeout", Default = Usual.IdleTimeout, Meaning = "how long an unused connection is kept",
    });

    public static readonly CountKey MaxConnections = Group.Add(new CountKey("maxConnections", 1, 10_000)
    {
        Default = Usual.MaxConnections, Meaning = "connections at once",
    });

    public static readonly FlagKey ReadOnly = Group.Add(new FlagKey("readOnly") { Option = "--read-only", Meaning = "refuse every change" });

    public static readonly FlagKey AllowOther = Group.Add(new FlagKey("allowOther")
    {
        Option = "--allow-other", Meaning = "let other users in", Note = "Needs `user_allow_other` in `/etc/fuse.conf` unless root mounts.",
    });

    public static readonly ChoiceKey<bool> StoreOwners = Group.Add(new ChoiceKey<bool>("owners", ("store", true), ("mount", false))
    {
        Otherwise = "store for root, mount for others", Meaning = "whom files of the bucket belong to here: whom their metadata names, or who mounts",
    });

    public static readonly WordsKey Ignore = Group.Add(new WordsKey("ignore")
    {
        Otherwise = $"`{string.Join("`, `", IgnoreList.Defaults)}`", Meaning = "patterns of new files that stay on this machine",
        Note = "[Ignored files](configuration.md#ignored-files) explains them; `[]` ignores nothing.",
    });

    public static readonly SectionsKey Objects = Group.Add(new SectionsKey("objects", ObjectKeys.Group)
    {
        Meaning = "how the objects of which files are stored", Note = "[Options of objects](configuration.md#options-of-objects) explains the rules.",
    });

    public static readonly SectionKey Transfer = Group.Add(new SectionKey("transfer", TransferKeys.Group) { Meaning = "how files of this drive are sent", Otherwise = "as the file says" });

    public static readonly SectionKey Limits = Group.Add(new SectionKey("limits", LimitKeys.OfDrive)
    {
        Meaning = "what this drive may use", Otherwise = "as the file says", Note = "Without `stagingReserve`. Its `upload` and `download` hold beside those of all drives together.",
    });
}

/// <summary>The keys of a source of credentials.</summary>
internal static class CredentialsKeys
{
    public static readonly ConfigGroup Group = new("Credentials", "Section `credentials` of a drive, where the short form does not do.");

    public static readonly ChoiceKey<CredentialsSource> Source = Group.Add(new ChoiceKey<CredentialsSource>(
        "source", ("env", CredentialsSource.Environment), ("file", CredentialsSource.File), ("process", CredentialsSource.Process), ("ecs", CredentialsSource.Ecs), ("assume-role", CredentialsSource.AssumeRole))
    {
        Required = true, Meaning = "which kind of source",
    });

    public static readonly TextKey Path = Group.Add(new TextKey("path")
    {
        Form = "a path", Otherwise = "`~/.ossutilconfig`, for s3 `~/.aws/credentials`", Meaning = "`file`: the file",
    });

    public static readonly TextKey Profile = Group.Add(new TextKey("profile") { Otherwise = "its default one", Meaning = "`file`: the profile in it" });

    public static readonly TextKey Command = Group.Add(new TextKey("command") { Meaning = "`process`: the command that prints the keys" });

    public static readonly FlagKey Shell = Group.Add(new FlagKey("shell") { Meaning = "`process`: whether a shell is to read the command" });

    public static readonly SecondsKey Timeout = Group.Add(new SecondsKey("timeoutSeconds", 1, 600) { Default = TimeSpan.FromSeconds(60), Meaning = "`process`: how long it may take" });

    public static readonly TextKey Role = Group.Add(new TextKey("role") { Otherwise = "the instance's own", Meaning = "`ecs`: name of the role" });

    public static readonly TextKey RoleArn = Group.Add(new TextKey("roleArn") { Form = "`acs:ram::ACCOUNT:role/NAME`", Meaning = "`assume-role`: the role" });

    public static readonly TextKey SessionName = Group.Add(new TextKey("sessionName")
    {
        Form = "2 to 64 letters, digits, `.`, `@`, `-` and `_`", Otherwise = new AssumeRoleOptions().SessionName, Meaning = "`assume-role`: names the session in the account's audit log",
    });

    public static readonly SecondsKey Duration = Group.Add(new SecondsKey("durationSeconds", 900, 43_200)
    {
        Otherwise = "STS's own hour", Meaning = "`assume-role`: how long the keys are to live",
    });

    public static readonly TextKey Policy = Group.Add(new TextKey("policy") { Form = "JSON, at most 2048 characters", Meaning = "`assume-role`: a policy that narrows the role's further" });

    public static readonly TextKey ExternalId = Group.Add(new TextKey("externalId") { Form = "2 to 1224 characters", Meaning = "`assume-role`: what the role's owner demands of a third party" });

    public static readonly TextKey StsRegion = Group.Add(new TextKey("stsRegion") { Otherwise = "the central endpoint", Meaning = "`assume-role`: region of the STS endpoint" });

    public static readonly TextKey StsEndpoint = Group.Add(new TextKey("stsEndpoint") { Form = "a host or URL", Meaning = "`assume-role`: another endpoint" });

    public static readonly SectionKey Base = Group.Add(new SectionKey("base", Group)
    {
        ShortForm = CredentialsReader.Forms, Otherwise = "env", Meaning = "`assume-role`: whose keys ask for it",
    });
}
