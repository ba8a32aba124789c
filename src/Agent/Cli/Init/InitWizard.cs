using Spectre.Console;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Store;

namespace SyncAgent.Agent.Cli.Init;

/// <summary>Asks on a terminal what a drive needs. What is wrong is said at once and asked again; nothing is written before the bucket was tried.</summary>
internal sealed class InitWizard(InitSteps steps, CliContext context)
{
    private const string Demo = "Nowhere yet: a demo store on this machine";
    private const string Oss = "Alibaba Cloud OSS";
    private const string S3 = "Amazon S3, or a store that speaks its protocol";

    private readonly IAnsiConsole _console = AnsiConsole.Console;

    /// <summary>Asks.</summary>
    /// <param name="mountPoint">Where to mount, or null to ask for that too.</param>
    /// <param name="stop">Cancels.</param>
    /// <returns>What was answered, tried; null when the user gave up.</returns>
    public async Task<InitPlan?> AskAsync(string? mountPoint, CancellationToken stop)
    {
        _console.MarkupLine("[bold]SyncAgent: a new drive.[/] Ctrl-C ends this; nothing is written before everything was tried.");
        var store = await ChooseAsync("Where are your files to go?", stop, Demo, Oss, S3);
        if (store == Demo) return await steps.DemoAsync(mountPoint ?? await AskMountPointAsync(stop), stop);

        while (true)
        {
            var target = await AskBucketAsync(store == S3 ? TargetSettings.S3 : TargetSettings.Oss, stop);
            while (true)
            {
                var (settings, keys) = await AskKeysAsync(target, stop);
                var plan = new InitPlan(mountPoint ?? "", target with { Credentials = settings }, target.Bucket, keys);
                _console.MarkupLine("Trying it:");
                if (await steps.TryAsync(plan, stop)) return plan with { MountPoint = mountPoint ?? await AskMountPointAsync(stop) };
                switch (await ChooseAsync("That does not work yet.", stop, "Other keys", "Another bucket or endpoint", "Try the same again", "Give up"))
                {
                    case "Give up": return null;
                    case "Another bucket or endpoint": break;
                    case "Try the same again":
                        if (await steps.TryAsync(plan, stop)) return plan with { MountPoint = mountPoint ?? await AskMountPointAsync(stop) };
                        continue;
                    default: continue;
                }

                break;
            }
        }
    }

    private async Task<TargetSettings> AskBucketAsync(string store, CancellationToken stop)
    {
        while (true)
        {
            var where = store == TargetSettings.S3
                ? await TextAsync("Region of Amazon (e.g. eu-central-1), or URL of another store:", stop)
                : await TextAsync("Region (e.g. cn-hangzhou), or URL of an endpoint:", stop);
            var isUrl = where.Contains('.', StringComparison.Ordinal) || where.Contains("://", StringComparison.Ordinal);
            var draft = new TargetDraft
            {
                Store = store,
                Endpoint = isUrl ? where : null,
                Region = isUrl ? null : where,
                Bucket = await TextAsync("Bucket:", stop),
                Prefix = await TextAsync("Only below a prefix [grey](Enter for all of the bucket)[/]:", stop, optional: true),
            };
            var mistakes = new List<string>();
            var target = TargetValidator.Check(draft, new AccessDraft(), field => field, mistakes);
            if (target is null && isUrl && mistakes.Any(mistake => mistake.StartsWith("region:", StringComparison.Ordinal)))
            {
                mistakes.Clear();
                target = TargetValidator.Check(draft with { Region = await TextAsync("Region id:", stop) }, new AccessDraft(), field => field, mistakes);
            }

            if (target is not null) return target;
            foreach (var mistake in mistakes) _console.MarkupLineInterpolated($"[red]{mistake}[/]");
        }
    }

    private async Task<(CredentialsSettings Source, StoreCredentials? Keys)> AskKeysAsync(TargetSettings target, CancellationToken stop)
    {
        const string Typed = "I type them (kept in a file of mode 600)";
        const string Role = "The RAM role of this ECS instance";
        const string Command = "A command prints them";
        var names = Credentials.VariablesOf(target.Store);
        var environment = Credentials.TryRead(target, context.Environment);
        var fromEnvironment = $"Those of the environment: {environment?.AccessKeyId} (kept in a file of mode 600)";
        var file = CredentialsChain.UsualFile(target);
        var fromFile = $"Those in {file}";
        List<string> sources = [];
        if (environment is not null) sources.Add(fromEnvironment);
        sources.Add(Typed);
        if (File.Exists(file)) sources.Add(fromFile);
        if (target.Store == TargetSettings.Oss) sources.Add(Role);
        sources.Add(Command);
        var chosen = await ChooseAsync("Which access keys?", stop, [.. sources]);
        if (chosen == fromEnvironment) return (CredentialsSettings.Environment, environment);
        if (chosen == fromFile) return (new CredentialsSettings { Source = CredentialsSource.File }, null);
        if (chosen == Role) return (new CredentialsSettings { Source = CredentialsSource.Ecs }, null);
        if (chosen == Command)
            return (new CredentialsSettings { Source = CredentialsSource.Process, Command = await TextAsync("Command line:", stop) }, null);

        var id = await TextAsync("Access key id:", stop);
        var secret = await new TextPrompt<string>("Access key secret:").Secret('*').ShowAsync(_console, stop);
        var token = await new TextPrompt<string>("Session token [grey](Enter for none)[/]:").Secret('*').AllowEmpty().ShowAsync(_console, stop);
        return (CredentialsSettings.Environment, new StoreCredentials(id, secret.Trim(), token.Trim() is { Length: > 0 } given ? given : null));
    }

    private async Task<string> AskMountPointAsync(CancellationToken stop)
    {
        while (true)
        {
            var given = await new TextPrompt<string>("Mount it at:").DefaultValue(steps.DefaultMountPoint).ShowAsync(_console, stop);
            var path = DrivePaths.Normalise(CredentialsReader.Absolute(given, Directory.GetCurrentDirectory()));
            if (!File.Exists(path) && !(Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())) return path;
            _console.MarkupLineInterpolated($"[red]{path} is not an empty folder.[/]");
        }
    }

    private Task<string> ChooseAsync(string title, CancellationToken stop, params string[] choices) =>
        new SelectionPrompt<string>().Title(title).UseConverter(Markup.Escape).AddChoices(choices).ShowAsync(_console, stop);

    private async Task<string> TextAsync(string question, CancellationToken stop, bool optional = false)
    {
        var prompt = new TextPrompt<string>(question) { AllowEmpty = optional };
        return (await prompt.ShowAsync(_console, stop)).Trim();
    }
}
