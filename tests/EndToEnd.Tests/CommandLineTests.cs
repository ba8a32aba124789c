using System.Text.Json.Nodes;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>The command line as a person has it: on a terminal, in the shells of Debian, with a store of the demo's own.</summary>
public sealed class CommandLineTests
{
    private const int Mebibyte = 1 << 20;

    [Fact]
    public async Task The_drives_own_attributes_tell_how_a_file_stands_and_no_copy_takes_them_along()
    {
        Places.SkipUnlessInstalled("getfattr", "rsync", "tar");
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""
            echo settled > "$DRIVE"/'a b'; setfattr -n user.mine -v x "$DRIVE"/'a b'; mkdir "$DRIVE"/d
            """);
        (await rig.WaitAsync()).Expect(0);
        var before = (await rig.Store.LogAsync()).Count;
        var told = await rig.PythonAsync("""
            import errno
            def ask(name, path='a b'):
                try: return os.getxattr(path, 'user.syncagent.' + name).decode()
                except OSError as e: return errno.errorcode[e.errno]
            print(*[ask(name) for name in ('state', 'progress', 'error', 'etag', 'url', 'other')])
            for change in (lambda: os.setxattr('a b', 'user.syncagent.url', b'x'), lambda: os.removexattr('a b', 'user.syncagent.state')):
                try: change(); print('allowed')
                except OSError as e: print(errno.errorcode[e.errno])
            print(ask('state', 'd'))
            print(*os.listxattr('a b'))
            """);
        var lines = told.Split('\n');
        var said = lines[0].Split(' ');
        Assert.Equal(("synced", "ENODATA", "ENODATA", "ENODATA"), (said[0], said[1], said[2], said[5]));
        Assert.Matches("^[0-9A-F]{32}$", said[3]);
        Assert.Equal($"{rig.Store.Endpoint.GetLeftPart(UriPartial.Authority)}/{DevStoreProcess.Bucket}/a%20b", said[4]);
        Assert.Equal(["EPERM", "EPERM", "synced", "user.mine"], lines[1..]);
        Assert.DoesNotContain((await rig.Store.LogAsync()).Skip(before), request => request.Operation is "GetObject" or "HeadObject");

        // Nautilus' emblems, with what Nautilus has stood in for.
        Assert.Equal("['emblem-default'] [] []", await rig.PythonAsync($"""
            import sys, types
            class Nautilus: InfoProvider = type('InfoProvider', (), dict())
            class GObject: GObject = type('GObject', (), dict())
            sys.modules['gi'] = types.ModuleType('gi'); sys.modules['gi.repository'] = types.SimpleNamespace(Nautilus=Nautilus, GObject=GObject, GLib=None)
            extension = dict(); exec(open('{Places.Repository}/installer/linux/syncagent-nautilus.py').read(), extension)
            class File:
                def __init__(self, path): self.path, self.emblems = path, []
                def get_location(self): return self
                def get_path(self): return self.path
                def add_emblem(self, name): self.emblems.append(name)
            files = [File(path) for path in ('a b', '/etc/passwd', '/nowhere')]
            for file in files: extension['SyncAgentEmblems']().update_file_info(file)
            print(*[file.emblems for file in files])
            """));

        // Within the drive, out of it and through an archive: the user's own attribute goes along, and nothing fails.
        await rig.ShAsync("""
            cp -a "$DRIVE"/'a b' copied; cp -a "$DRIVE"/'a b' "$DRIVE"/again; rsync -aX "$DRIVE"/'a b' synced
            tar --xattrs --xattrs-include='*' -C "$DRIVE" -cf a.tar 'a b'; mkdir un; tar --xattrs --xattrs-include='*' -C un -xf a.tar
            """);
        Assert.Equal(
            "user.mine user.mine user.mine user.mine",
            await rig.PythonAsync("print(*[name for path in ('../copied', 'again', '../synced', '../un/a b') for name in os.listxattr(path)])"));
    }

    [Fact]
    public async Task A_folder_of_a_drive_is_listed_with_states_progress_and_reasons()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""mkdir "$DRIVE"/d; echo x > "$DRIVE"/d/small; ln -s small "$DRIVE"/d/link""");
        (await rig.WaitAsync()).Expect(0);
        rig.MakeFile("large.bin", 20 * Mebibyte, seed: 71);
        await rig.Store.LimitAsync(3 * Mebibyte);
        await rig.ShAsync("""cp large.bin "$DRIVE"/d/; printf 'a\033[31mb' > "$DRIVE"/d/"$(printf 'bad\033name')" """);
        await rig.Store.PartsArrivedAsync(2 * Mebibyte);

        var shown = (await rig.AgentAsync("ls", "-l", Path.Combine(rig.Drive, "d"))).Expect(0).Output;
        Assert.Matches(@"20 MiB  .* uploading \d+ % +large\.bin\n", shown);
        Assert.Matches(@" synced +small\n", shown);
        Assert.Contains("link -> small", shown, StringComparison.Ordinal);
        Assert.Contains("bad?name", shown, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', shown);
        var files = (await rig.AgentAsync("ls", "-l", "--json", Path.Combine(rig.Drive, "d"))).Expect(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!).ToDictionary(file => Path.GetFileName((string)file["path"]!));
        Assert.InRange((long)files["large.bin"]["percent"]!, 1, 99);
        Assert.Equal(("Synced", 2L), ((string)files["small"]["state"]!, (long)files["small"]["size"]!));
        (await rig.AgentAsync("ls", "-l", rig.Work)).Expect(64);
    }

    [Fact]
    public async Task A_wizard_on_a_terminal_sets_up_a_drive_that_works_and_syncagent_alone_says_what_is_next()
    {
        await using var rig = Rig.WithoutStore([]);
        var environment = new Dictionary<string, string>(rig.Environment) { ["HOME"] = Directory.CreateDirectory(Path.Combine(rig.Work, "home")).FullName };
        (await Command.RunAsync("python3", ["-c", Terminal.Python + """
            program, drive = os.environ['SYNCAGENT'], os.environ['DRIVE']
            t = Terminal(program)
            t.expect('next: ')
            t.expect('syncagent init')
            assert t.end() == 0
            t = Terminal(program, 'init')
            t.expect('Where are your files to go?')
            t.send('\r')
            t.expect('Mount it at:')
            t.send(drive + '\r')
            t.expect('the store knows the keys')
            t.expect('is mounted (pid')
            t.expect('syncagent status --watch')
            assert t.end() == 0, t.seen
            t = Terminal(program)
            t.expect(drive)
            t.expect('next: ')
            assert t.end() == 0
            """], environment)).Expect(0);
        (await Command.RunAsync("sh", ["-euc", """
            echo hello > "$DRIVE"/file
            "$SYNCAGENT" wait --timeout 60
            "$SYNCAGENT" config check
            test "$(stat -c %a ~/.config/syncagent/credentials)" = 600
            "$SYNCAGENT" init --demo "$DRIVE"   # again: it is all there
            """], environment)).Expect(0);
    }

    [Fact]
    public async Task A_wizard_asks_again_for_what_does_not_work_and_keeps_the_keys_that_were_typed()
    {
        await using var rig = await Rig.StartAsync();
        var environment = new Dictionary<string, string>(rig.Environment)
        {
            ["HOME"] = Directory.CreateDirectory(Path.Combine(rig.Work, "home")).FullName,
            ["ENDPOINT"] = rig.Store.Endpoint.GetLeftPart(UriPartial.Authority),
        };
        (await Command.RunAsync("python3", ["-c", Terminal.Python + """
            DOWN = '\x1b[B'
            t = Terminal(os.environ['SYNCAGENT'], 'init', os.environ['DRIVE'])
            t.expect('that speaks its protocol')
            t.send(DOWN + '\r')
            def bucket(name):
                t.expect('or URL of an endpoint:')
                t.send(os.environ['ENDPOINT'] + '\r')
                t.expect('Bucket:')
                t.send(name + '\r')
                t.expect('Only below a prefix')
                t.send('p\r')
                t.expect('Region id:')
                t.send('cn-hangzhou\r')
            def keys(secret):
                t.expect('A command prints them')
                t.send(DOWN + '\r')
                t.expect('Access key id:')
                t.send(os.environ['OSS_ACCESS_KEY_ID'] + '\r')
                t.expect('Access key secret:')
                t.send(secret + '\r')
                t.expect('Session token')
                t.send('\r')
            bucket('demo')
            keys('not-the-secret')
            t.expect('Check the access key id')
            t.expect('Give up')
            t.send('\r')
            keys(os.environ['OSS_ACCESS_KEY_SECRET'])
            t.expect('these keys may delete objects')
            t.expect('is mounted (pid')
            assert t.end() == 0, t.seen
            assert os.environ['OSS_ACCESS_KEY_SECRET'] not in t.seen
            """], environment)).Expect(0);
        environment.Remove("OSS_ACCESS_KEY_SECRET");
        (await Command.RunAsync("sh", ["-euc", """
            echo hello > "$DRIVE"/file; "$SYNCAGENT" wait --timeout 60
            "$SYNCAGENT" unmount "$DRIVE"; env -u OSS_ACCESS_KEY_ID -u OSS_ACCESS_KEY_SECRET "$SYNCAGENT" mount --config ~/.config/syncagent/config.json
            test "$(cat "$DRIVE"/file)" = hello
            """], environment)).Expect(0);
        Assert.Contains("p/file", await rig.ChangeBucketAsync("list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_is_set_up_open_starts_an_agent_that_takes_the_first_drive_and_ends_with_it()
    {
        await using var rig = await Rig.StartAsync();
        var environment = new Dictionary<string, string>(rig.Environment) { ["HOME"] = Directory.CreateDirectory(Path.Combine(rig.Work, "home")).FullName };
        var opened = (await Command.RunAsync(Places.Program, ["open", "--print", "--state", rig.State], environment)).Expect(0);
        Assert.StartsWith("http://127.0.0.1:", opened.Output, StringComparison.Ordinal);
        var pid = rig.AgentPid();
        Assert.NotNull(pid);
        Assert.Contains("nothing is mounted", (await rig.AgentAsync("status", "--state", rig.State)).Expect(0).Output, StringComparison.Ordinal);

        await rig.MountAsync();
        Assert.Equal(pid, rig.AgentPid());
        (await rig.AgentAsync("unmount", rig.Drive)).Expect(0);
        Assert.False(Rig.IsAlive(pid.Value));
    }

    [Fact]
    public async Task Open_mounts_the_drives_that_are_set_up_when_no_agent_runs()
    {
        await using var rig = await Rig.StartAsync();
        var home = Directory.CreateDirectory(Path.Combine(rig.Work, "home", ".config", "syncagent")).FullName;
        var environment = new Dictionary<string, string>(rig.Environment) { ["HOME"] = Path.Combine(rig.Work, "home") };
        var config = Path.Combine(home, "config.json");
        await File.WriteAllTextAsync(config, """{ "drives": [ { "mount": 7 } ] }""", TestContext.Current.CancellationToken);
        var mistaken = (await Command.RunAsync(Places.Program, ["open", "--print"], environment)).Expect(78);
        Assert.Contains("$.drives[0].mount", mistaken.Errors, StringComparison.Ordinal);
        var elsewhere = (await Command.RunAsync(Places.Program, ["open", "--state", rig.State], environment)).Expect(1);
        Assert.Contains($"syncagent mount --config {config}", elsewhere.Errors, StringComparison.Ordinal);

        await File.WriteAllTextAsync(
            config,
            $$"""{ "state": "{{rig.State}}", "drives": [ { "mount": "{{rig.Drive}}", "endpoint": "{{rig.Store.Endpoint.GetLeftPart(UriPartial.Authority)}}", "region": "cn-hangzhou", "bucket": "demo" } ] }""",
            TestContext.Current.CancellationToken);
        var opened = (await Command.RunAsync(Places.Program, ["open", "--print"], environment)).Expect(0);
        Assert.StartsWith("http://127.0.0.1:", opened.Output, StringComparison.Ordinal); // and nothing else: scripts read it
        Assert.True(rig.IsMounted());
        Assert.Contains(rig.Drive, opened.Errors, StringComparison.Ordinal);
        (await rig.AgentAsync("unmount", rig.Drive)).Expect(0);
    }

    [Fact]
    public async Task Bash_zsh_and_fish_complete_commands_options_and_drives()
    {
        Places.SkipUnlessInstalled("bash", "zsh", "fish");
        await using var rig = await Rig.MountedAsync();
        var folder = Path.GetDirectoryName(Places.Program)!;
        await rig.ShAsync($$"""
            PATH={{folder}}:$PATH
            bash -c 'source <(syncagent completion bash); COMP_WORDS=(syncagent stat); COMP_CWORD=1; _syncagent; test "${COMPREPLY[*]}" = status
                COMP_WORDS=(syncagent unmount ""); COMP_CWORD=2; _syncagent; printf "%s\n" "${COMPREPLY[@]}" | grep -qx "$DRIVE"
                COMP_WORDS=(syncagent mount --store s); COMP_CWORD=3; _syncagent; test "${COMPREPLY[*]}" = s3'
            fish -c 'syncagent completion fish | source; complete -C "syncagent stat"' | grep -q '^status'
            fish -c 'syncagent completion fish | source; complete -C "syncagent unmount "' | grep -q "^$DRIVE"
            fish -c 'syncagent completion fish | source; complete -C "syncagent ls -l /et"' | grep -q '^/etc/'
            """);
        Assert.Empty(await rig.PythonAsync(Terminal.Python + $"""
            t = Terminal('zsh', '-f', '-i', PATH='{folder}:' + os.environ['PATH'])
            t.send('autoload -Uz compinit; compinit -u -D; source <(syncagent completion zsh); echo rea""dy\n')
            t.expect('ready')
            t.send('syncagent unmo\t')
            t.expect('syncagent unmount ')
            t.send('\x15syncagent config \t')
            t.expect('check')
            t.expect('Prints the file without secrets.')
            t.send('\x15exit\n')
            t.end()
            """));
    }
}
