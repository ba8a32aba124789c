using System.CommandLine;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Cli.Completion;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Tests.Support;

namespace SyncAgent.Agent.Tests;

/// <summary>What is made from the tree of commands: completion and the manual page.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Support.Cli _cli = new();

    [Theory]
    [InlineData("", "None", "status", "mount", "init", "ls")]
    [InlineData("sta", "None", "status")]
    [InlineData("status --w", "None", "--watch")]
    [InlineData("config ", "None", "check", "edit", "show")]
    [InlineData("config show --config ", "Files")]
    [InlineData("mount --store ", "None", "oss", "s3")]
    [InlineData("mount --store s", "None", "s3")]
    [InlineData("mount ", "Folders")]
    [InlineData("mount --read-only ", "Folders")]
    [InlineData("mount --bucket x ", "Folders")]
    [InlineData("mount one two ", "None")]
    [InlineData("ls -l ", "Files")]
    [InlineData("completion f", "None", "fish")]
    [InlineData("pin a b ", "Files")]
    [InlineData("put -- --st", "Files")]
    public void What_fits_is_offered(string line, string names, params string[] expected)
    {
        var found = Completer.Complete(CommandLine.Build(_cli.Context), line.Split(' '));
        Assert.Equal(names, found.Names.ToString());
        Assert.Subset(found.Items.Select(item => item.Text).ToHashSet(), expected.ToHashSet());
        if (expected.Length is 1 or 2) Assert.Equal(expected, found.Items.Select(item => item.Text));
        Assert.DoesNotContain(found.Items, item => item.Text is "complete" or "man" or "crash-points" or "--detached");
    }

    [Fact]
    public async Task Mounted_drives_are_offered_where_one_is_meant()
    {
        _cli.Environment["XDG_RUNTIME_DIR"] = Directory.CreateDirectory(_folder.At("run")).FullName;
        new MountRegistry(StateFolder.Runtime(name => _cli.Environment.GetValueOrDefault(name))).Add("/mnt/documents", "/state");
        foreach (var line in (string[][])[["unmount", ""], ["pause", "/mnt/d"], ["put", "--drive", ""]])
        {
            Assert.Equal(0, await _cli.RunAsync(["complete", "--", .. line]));
            Assert.Contains("\n/mnt/documents\t", _cli.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Only_known_shells_have_a_script()
    {
        foreach (var shell in (string[])["bash", "zsh", "fish", "powershell"])
        {
            Assert.Equal(0, await _cli.RunAsync("completion", shell));
            Assert.Contains("complete", _cli.Out, StringComparison.Ordinal);
        }

        Assert.Equal(ExitCodes.Usage, await _cli.RunAsync("completion", "tcsh"));
    }

    [Fact]
    public async Task The_manual_page_has_every_command_and_option_and_no_fault()
    {
        Assert.Equal(0, await _cli.RunAsync("man"));
        var page = _cli.Out;
        var plain = page.Replace("\\-", "-", StringComparison.Ordinal);
        foreach (var command in All(CommandLine.Build(_cli.Context)))
        {
            Assert.Contains(command.Name, plain, StringComparison.Ordinal);
            Assert.All(command.Options.Where(option => !option.Hidden), option => Assert.Contains(option.Name, plain, StringComparison.Ordinal));
            Assert.False(string.IsNullOrWhiteSpace(command.Description), $"{command.Name} has no description");
            Assert.All(command.Options.Where(option => !option.Hidden), option => Assert.False(string.IsNullOrWhiteSpace(option.Description), $"{command.Name} {option.Name}"));
        }

        Assert.DoesNotContain("crash-points", plain, StringComparison.Ordinal);
        var file = _folder.At("syncagent.1");
        await File.WriteAllTextAsync(file, page, TestContext.Current.CancellationToken);
        var judges = 0;
        foreach (var (program, arguments) in ((string, string[])[])[("mandoc", ["-Tlint", "-Wwarning", file]), ("groff", ["-man", "-Tutf8", "-ww", "-z", file])])
        {
            if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)))) continue;
            judges++;
            var said = await OtherProgram.RunAsync(program, arguments, TestContext.Current.CancellationToken);
            Assert.True(said.ExitCode == 0 && said.Output.Length == 0 && said.Error.Length == 0, $"{program}: {said.Output}{said.Error}");
        }

        Assert.SkipWhen(judges == 0, "needs mandoc or groff");
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<Command> All(Command command) =>
        command.Subcommands.Where(sub => !sub.Hidden).SelectMany(sub => All(sub).Prepend(sub));
}
