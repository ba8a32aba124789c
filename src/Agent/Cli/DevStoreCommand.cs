using System.CommandLine;
using SyncAgent.Agent.Hosting;
using SyncAgent.DevStore;
using SyncAgent.Store;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent dev-store</c>: an OSS-compatible server on this machine, so that the whole runs with no account.</summary>
internal static class DevStoreCommand
{
    /// <summary>Opens the server's control API (fault plans, request log).</summary>
    private const string ControlTokenVariable = "SYNCAGENT_DEVSTORE_TOKEN";

    public static Command Build(CliContext context)
    {
        var root = new Option<string>("--root") { Description = "Folder that holds everything the server keeps", HelpName = "DIR", Required = true };
        var port = NumberOptions.Port("--port", "Port on 127.0.0.1; 0, the default, for any free one");
        var bucket = new Option<string[]>("--bucket") { Description = "Bucket to create; may be repeated", HelpName = "NAME" };
        var versioned = new Option<string[]>("--versioned") { Description = "Bucket to create that keeps every version; may be repeated", HelpName = "NAME" };
        var region = new Option<string>("--region") { Description = "Region id", HelpName = "REGION", DefaultValueFactory = _ => "cn-hangzhou" };
        var command = new Command("dev-store", "Runs an OSS-compatible store on this machine, for trials and tests.") { root, port, bucket, versioned, region };
        command.SetAction((parsed, stop) => RunAsync(
            new DevStoreOptions
            {
                RootDirectory = Path.GetFullPath(parsed.GetRequiredValue(root)),
                Port = parsed.GetValue(port),
                Region = parsed.GetValue(region)!,
                CreateBuckets = parsed.GetValue(bucket) ?? [],
                VersionedBuckets = parsed.GetValue(versioned) ?? [],
                ControlToken = context.Environment(ControlTokenVariable),
            },
            context, stop));
        return command;
    }

    private static async Task<int> RunAsync(DevStoreOptions options, CliContext context, CancellationToken stop)
    {
        using var loggers = AgentLogging.ToStandardError();
        await using var server = await StartAsync(options with { Credentials = [ReadKey(context)], LoggerFactory = loggers }, stop);
        await context.Out.WriteLineAsync($"dev-store listens at {server.Endpoint.GetLeftPart(UriPartial.Authority)}, data in {options.RootDirectory}");
        await context.Out.FlushAsync(stop);
        SystemdNotify.TrySend(context.Environment(SystemdNotify.Variable), SystemdNotify.Ready);
        WholeProgram.Load();
        await Task.Delay(Timeout.InfiniteTimeSpan, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCodes.Ok;
    }

    private static async Task<DevStoreServer> StartAsync(DevStoreOptions options, CancellationToken stop)
    {
        try
        {
            return await DevStoreServer.StartAsync(options, stop);
        }
        catch (ArgumentException e)
        {
            throw CommandException.Configuration([e.Message]);
        }
        catch (IOException e)
        {
            throw new CommandException(ExitCodes.NeedsUser, $"the store cannot start: {e.Message}");
        }
    }

    private static DevStoreCredential ReadKey(CliContext context)
    {
        var id = context.Environment(EnvironmentCredentials.KeyIdVariable);
        var secret = context.Environment(EnvironmentCredentials.SecretVariable);
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(secret))
        {
            throw CommandException.Configuration(
                [$"set {EnvironmentCredentials.KeyIdVariable} and {EnvironmentCredentials.SecretVariable} in the environment: the server takes requests signed with this pair."]);
        }

        return new DevStoreCredential(id, secret, context.Environment(EnvironmentCredentials.TokenVariable) is { Length: > 0 } token ? token : null);
    }
}
