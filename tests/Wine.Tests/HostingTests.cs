using System.Text.Json.Nodes;
using SyncAgent.Wine.Tests.Support;

namespace SyncAgent.Wine.Tests;

/// <summary>How the agent lives on Windows: set-up with encrypted keys, service, logon, and what it says where WinFsp is missing.</summary>
public sealed class HostingTests(WineMachine machine)
{
    [Fact]
    public async Task Keys_are_kept_encrypted_and_serve_without_any_in_the_environment()
    {
        const string Config = @"C:\keys\config.json";
        WineMachine.SkipUnlessWanted();
        (await machine.AgentAsync(["init", "N:", .. machine.Target("keys/"), "--config", Config, "--no-mount"])).Expect(0);
        var kept = await File.ReadAllTextAsync(machine.LinuxPath(@"C:\keys\credentials"));
        Assert.Contains("accessKeySecret = dpapi:", kept, StringComparison.Ordinal);
        Assert.DoesNotContain(WineMachine.Secret, kept, StringComparison.Ordinal);
        Assert.Contains(@"N:\: demo/keys/", (await machine.AgentWithoutKeysAsync("config", "check", "--config", Config)).Expect(0).Output, StringComparison.Ordinal);
        machine.ForgetDrive();
        (await machine.AgentWithoutKeysAsync("mount", "--config", Config, "--state", @"C:\keys-state")).Expect(0);
        using (var drive = await machine.ConnectAsync()) await drive.CopyInAsync(machine.MakeFile("keys/a.bin", 1000, seed: 5), @"\a.bin");
        (await machine.AgentAsync("wait", "--state", @"C:\keys-state", "--timeout", "60")).Expect(0);
        (await machine.CompareAsync(Path.Combine(machine.Work, "keys"), "keys/")).ExpectClean();
        (await machine.AgentAsync("unmount", "N:")).Expect(0);
    }

    [Fact]
    public async Task The_service_manager_starts_and_stops_the_agent()
    {
        const string Config = @"C:\service\config.json";
        WineMachine.SkipUnlessWanted();
        (await machine.AgentAsync(["init", "T:", .. machine.Target("service/"), "--config", Config, "--state", @"C:\service\state", "--no-mount"])).Expect(0);
        machine.ForgetDrive();
        (await machine.AgentAsync("service", "install", "--system", "--config", Config)).Expect(0);
        using (var drive = await machine.ConnectAsync()) await drive.CopyInAsync(machine.MakeFile("service/a.bin", 1000, seed: 6), @"\a.bin");
        (await machine.AgentAsync("wait", "--state", @"C:\service\state", "--timeout", "60")).Expect(0);
        var report = JsonNode.Parse((await machine.AgentAsync("service", "status", "--system", "--json")).Expect(0).Output)!;
        Assert.Equal((true, "active", true, Config), ((bool)report["installed"]!, (string)report["state"]!, (bool)report["enabled"]!, (string)report["config"]!));

        await machine.WineAsync("net", "stop", "SyncAgent");
        (await machine.AgentAsync("service", "status", "--system")).Expect(1);
        machine.ForgetDrive();
        await machine.WineAsync("net", "start", "SyncAgent");
        using (var drive = await machine.ConnectAsync()) Assert.Equal(["a.bin"], await drive.ListAsync(@"\"));
        (await machine.AgentAsync("service", "install", "--system", "--config", Config)).Expect(0);
        var removed = (await machine.AgentAsync("service", "uninstall", "--system")).Expect(0).Output;
        Assert.Contains("the service SyncAgent is removed", removed, StringComparison.Ordinal);
        Assert.DoesNotContain("not in the bucket", removed, StringComparison.Ordinal);
        Assert.Contains("is not installed", (await machine.AgentAsync("service", "status", "--system")).Expect(1).Output, StringComparison.Ordinal);
        (await machine.CompareAsync(Path.Combine(machine.Work, "service"), "service/")).ExpectClean();
    }

    [Fact]
    public async Task The_registry_has_the_drives_mounted_at_logon()
    {
        const string Config = @"C:\logon\config.json";
        const string Run = @"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
        WineMachine.SkipUnlessWanted();
        (await machine.AgentAsync(["init", "U:", .. machine.Target("logon/"), "--config", Config, "--state", @"C:\logon\state", "--no-mount"])).Expect(0);
        (await machine.AgentAsync("service", "install", "--config", Config)).Expect(0);
        Assert.Contains("\"mount\" \"--config\" \"C:\\logon\\config.json\"", await machine.WineAsync("reg", "query", Run, "/v", "SyncAgent"), StringComparison.Ordinal);
        Assert.Contains("is active", (await machine.AgentAsync("service", "status")).Expect(0).Output, StringComparison.Ordinal);
        (await machine.AgentAsync("unmount", "U:")).Expect(0);
        (await machine.AgentAsync("service", "uninstall")).Expect(0);
        Assert.DoesNotContain("syncagent.exe", await machine.WineAsync("reg", "query", Run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_winfsp_or_with_an_old_one_it_is_said_where_to_get_it()
    {
        WineMachine.SkipUnlessWanted();
        string[] line = ["mount", "M:", .. machine.Target("none/"), "--state", @"C:\none-state"];
        Assert.Contains("https://github.com/winfsp/winfsp", (await machine.AgentWithAsync("WINFSP_STANDIN_VERSION", "1.0", line)).Expect(1).Errors, StringComparison.Ordinal);
        await machine.InstallWinFspAsync(false);
        try
        {
            Assert.Contains("https://github.com/winfsp/winfsp", (await machine.AgentAsync(line)).Expect(1).Errors, StringComparison.Ordinal);
        }
        finally
        {
            await machine.InstallWinFspAsync(true);
        }

        Assert.Contains("WinFsp - Windows File System Proxy, Copyright (C) Bill Zissimopoulos", (await machine.AgentAsync("--version")).Expect(0).Output, StringComparison.Ordinal);
    }
}
