using System.CommandLine;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Configuration.Keys;

namespace SyncAgent.Agent.Cli.Init;

/// <summary><c>syncagent init</c>: a first drive, by questions on a terminal or by options in scripts. The bucket is tried before anything is
/// written; then the configuration and the keys are kept and the drive is mounted.</summary>
internal static class InitCommand
{
    public static Command Build(CliContext context)
    {
        var folder = new Argument<string?>("DIR") { Description = "Where to mount; made when missing (default: ~/Drive)", Arity = ArgumentArity.ZeroOrOne };
        var demo = new Option<bool>("--demo") { Description = "A trial without an account: a store on this machine" };
        var name = new Option<string>("--name") { Description = "Name of the keys in the credentials file (default: the bucket)", HelpName = "NAME" };
        var config = new Option<string>("--config") { Description = $"Configuration file (default: {UsualPlaces.Config})", HelpName = "FILE" };
        var noTest = new Option<bool>("--no-test") { Description = "Write the configuration although the store cannot be tried now" };
        var noMount = new Option<bool>("--no-mount") { Description = "Write the configuration only" };
        var command = new Command("init", "Sets up a drive: asks for store, bucket and keys, or takes them from options; tries them, writes the configuration and mounts.")
        {
            folder, demo, name, config, noTest, noMount,
        };
        GivenOptions.AddTo(command, DriveKeys.ReadOnly, DriveKeys.AllowOther);
        TargetOptions.AddTo(command);
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command, "For scripts: what was tried, as the status API has it");
        command.SetAction(async (parsed, stop) =>
        {
            var file = Path.GetFullPath(parsed.GetValue(config) ?? new ServiceScope(system: false, context).DefaultConfig);
            var mountPoint = parsed.GetValue(folder) is { } there ? DrivePaths.Normalise(there) : null;
            var given = new GivenOptions(parsed, []);
            var steps = new InitSteps(file, parsed.GetValue(state) is { } kept ? AgentLink.Absolute(kept) : null, context)
            {
                ReadOnly = given.Flag(DriveKeys.ReadOnly),
                AllowOther = given.Flag(DriveKeys.AllowOther),
                Json = parsed.GetValue(json),
            };
            InitPlan plan;
            if (parsed.GetValue(demo))
            {
                plan = await steps.DemoAsync(mountPoint, stop);
            }
            else if (TargetOptions.AnyGiven(parsed))
            {
                plan = FromOptions();
                if (!parsed.GetValue(noTest) && !await steps.TryAsync(plan, stop))
                    throw new CommandException(ExitCodes.NeedsUser, "the drive cannot work like this; nothing was written. --no-test writes the configuration all the same.");
            }
            else if (context.CanAsk)
            {
                if (await new InitWizard(steps, context).AskAsync(mountPoint, stop) is not { } answered) return ExitCodes.NeedsUser;
                plan = answered;
            }
            else
            {
                throw new CommandException(ExitCodes.Usage, "there is no terminal to ask on: name the bucket with --endpoint or --region, and --bucket, or take --demo.");
            }

            await steps.WriteAsync(plan);
            return parsed.GetValue(noMount) ? ExitCodes.Ok : await steps.MountAsync(plan);

            InitPlan FromOptions()
            {
                var mistakes = new List<string>();
                var bucket = TargetOptions.Read(parsed, mistakes);
                // Keys of the environment are gone at the next login: they are kept, unless they were asked for by name.
                var keep = bucket is { Credentials.Source: CredentialsSource.Environment } && !TargetOptions.NamesCredentials(parsed);
                var keys = keep ? Credentials.TryRead(bucket!, context.Environment) : null;
                if (bucket is not null && keys is null && Credentials.Missing(bucket, context.Environment) is { } missing) mistakes.Add(missing);
                if (mistakes.Count > 0) throw CommandException.Configuration(mistakes);
                return new InitPlan(mountPoint ?? steps.DefaultMountPoint, bucket!, parsed.GetValue(name) ?? bucket!.Bucket, keys);
            }
        });
        return command;
    }
}
