using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.Tray.Tests.Session;

public sealed class AutostartTests
{
    [Fact]
    public async Task It_starts_with_the_session_and_no_more()
    {
        var home = Directory.CreateTempSubdirectory("syncagent-autostart-");
        var environment = new Dictionary<string, string> { ["XDG_CONFIG_HOME"] = home.FullName };
        var program = Path.Combine(AppContext.BaseDirectory, "syncagent-tray");
        var entry = Path.Combine(home.FullName, "autostart", "syncagent-tray.desktop");

        Assert.Contains(entry, (await Command.RunAsync(program, ["--autostart", "on", "--state", "/my state"], environment)).Expect(0).Output, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(entry);
        Assert.Equal("[Desktop Entry]", lines[0]);
        Assert.Contains($"Exec=\"{program}\" --state \"/my state\"", lines);

        for (var i = 0; i < 2; i++)
        {
            (await Command.RunAsync(program, ["--autostart", "off"], environment)).Expect(0);
            Assert.False(File.Exists(entry));
        }

        // Where a package starts it for everybody, "off" has to say so.
        environment["XDG_CONFIG_DIRS"] = $"relative:{home.FullName}/machine";
        Directory.CreateDirectory(Path.Combine(home.FullName, "machine/autostart"));
        await File.WriteAllTextAsync(Path.Combine(home.FullName, "machine/autostart/syncagent-tray.desktop"), "");
        (await Command.RunAsync(program, ["--autostart", "off"], environment)).Expect(0);
        Assert.Contains("Hidden=true", await File.ReadAllLinesAsync(entry));
        (await Command.RunAsync(program, ["--autostart", "on"], environment)).Expect(0);
        Assert.DoesNotContain("Hidden=true", await File.ReadAllLinesAsync(entry));
        home.Delete(recursive: true);
    }

    [Fact]
    public async Task A_package_starts_it_only_where_an_agent_was()
    {
        var home = Directory.CreateTempSubdirectory("syncagent-autostart-");
        var program = Path.Combine(AppContext.BaseDirectory, "syncagent-tray");
        var environment = new Dictionary<string, string> { ["DISPLAY"] = "", ["WAYLAND_DISPLAY"] = "" };
        Assert.Equal("", (await Command.RunAsync(program, ["--session", "--state", Path.Combine(home.FullName, "none")], environment)).Expect(0).Errors);
        Assert.NotEqual("", (await Command.RunAsync(program, ["--session", "--state", home.FullName], environment)).Errors);
        home.Delete(recursive: true);
    }

    [Fact]
    public void The_path_of_the_program_is_quoted_as_the_specification_says() =>
        Assert.Contains("""Exec="/a b/\\\\c\\$d%%e" """.TrimEnd(), Tray.Session.Autostart.Entry("""/a b/\c$d%e""", null), StringComparison.Ordinal);
}
