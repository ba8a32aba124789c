using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>Keys that are no paths and local names that are no text, through the kernel and the store.</summary>
public class NameTests
{
    private const string Prefix = "p/";

    /// <summary>Key below the prefix, and where it is in the drive.</summary>
    private static readonly (string Key, string Path)[] Keys =
    [
        ("/lead", "‛‛/lead"), ("a//b", "a/‛‛/b"), ("a/../up", "a/‛../up"), ("a/./dot", "a/‛./dot"), ("../../../etc/passwd", "‛../‛../‛../etc/passwd"),
        ("..", "‛..‛"), ("same", "same‛"), ("same/below", "same/below"), ("back\\slash", "back\\slash"), ("tab\tkey", "tab\tkey"),
        ("%2e%2e", "%2e%2e"), ("-rf *", "-rf *"), ("raw‛FF", "raw‛FF"),
    ];

    [Fact]
    public async Task Hostile_keys_are_listed_read_copied_renamed_and_removed()
    {
        await using var rig = await Rig.StartAsync();
        foreach (var (key, _) in Keys) await PutAsync(rig, key, $"[{key}]");
        await PutAsync(rig, new string('x', 256), "too long for a name");
        await rig.MountAsync(rig.MountLine("--prefix", Prefix));
        await rig.ListAsync();
        await rig.ShAsync("""cd "$DRIVE"; ls -laR . > /dev/null""");
        var known = string.Join(",\n", Keys.Select(pair => $"{Python(pair.Path)}: {Python($"[{pair.Key}]")}"));
        await rig.PythonAsync($$"""
            import shutil
            known = { {{known}} }
            known[b'raw\xff'] = known.pop('raw\u201bFF'.encode()) # a byte that is no UTF-8 has this name
            found = {os.path.relpath(os.path.join(d, f), b'.') for d, _, files in os.walk(b'.') for f in files}
            assert found == set(known), (found - set(known), set(known) - found)
            for path, content in known.items():
                assert open(path, 'rb').read() == content, path
            shutil.copytree(b'.', b'../copy')
            for path, content in known.items():
                assert open(b'../copy/' + path, 'rb').read() == content, path
            shutil.rmtree(b'../copy')
            open('a/\u201b../up', 'w').write('changed')
            os.rename('same\u201b', 'plain')
            os.rename('\u201b..\u201b', 'a/\u201b\u201b/\u201b.')
            os.rename('\u201b\u201b', 'led')
            shutil.rmtree('same')
            os.remove('tab\tkey')
            """);
        (await rig.WaitAsync()).Expect(0);

        var left = await KeysAsync(rig);
        Assert.Equal(
            new[] { "%2e%2e", "-rf *", "../../../etc/passwd", "a/../up", "a/./dot", "a//.", "a//b", "back\\slash", "led/lead", "plain", "raw‛FF", new string('x', 256) }
                .Order(StringComparer.Ordinal),
            left.Where(key => !key.EndsWith('/')).Order(StringComparer.Ordinal));
        Assert.Equal("changed", await GetAsync(rig, "a/../up"));
        Assert.Equal("[..]", await GetAsync(rig, "a//."));
        Assert.Equal("[same]", await GetAsync(rig, "plain"));

        // A key is no path: whatever it says, what it holds lies under a name that nobody chose.
        Assert.Equal("", await rig.ShAsync("""find "$WORK" \( -name up -o -name passwd -o -name lead \) -not -path "$DRIVE/*" """));
        Assert.Equal(1, (long)(await rig.DriveStatusAsync())["hiddenKeys"]!);
        var hidden = (await rig.AgentAsync("ls", "--hidden", "--state", rig.State)).Expect(0).Output;
        Assert.Contains($"{Prefix}{new string('x', 256)}: a name in it is longer than 255 bytes", hidden, StringComparison.Ordinal);

        await rig.ShAsync("""rm -r "$DRIVE"/*; test -z "$(ls -A "$DRIVE")" """);
        (await rig.WaitAsync()).Expect(0);
        Assert.Equal([new string('x', 256)], (await KeysAsync(rig)).Where(key => key.Length > 0));
    }

    [Fact]
    public async Task Local_names_of_any_bytes_come_back_from_the_bucket()
    {
        await using var rig = await Rig.MountedAsync();
        const string Names = """
            names = [b'latin-\xe9', b'\xff', b'cut-\xc3', b'\xed\xa0\x80', 'größe'.encode(), b'\xc0\xafdots', b'x' * 250 + b'\xff' * 5, 'it\u201bs'.encode()]

            """;
        await rig.PythonAsync(Names + """
            import errno
            for name in names:
                with open(name, 'wb') as file: file.write(b'in ' + name)
            os.mkdir(b'd\xfe')
            open(b'd\xfe/\xfd', 'w').write('deep')
            os.rename(b'd\xfe/\xfd', b'd\xfe/\xfc')
            for typed, error in ('\u201bFF', errno.EILSEQ), ('nobody\u201b', errno.EILSEQ), ('x' * 256, errno.ENAMETOOLONG), ('.syncagent', errno.EPERM):
                try: os.mkdir(typed); raise SystemExit(typed)
                except OSError as e: assert e.errno == error, (typed, e)
            """);
        (await rig.WaitAsync()).Expect(0);
        Assert.Contains("latin-‛E9", (await rig.AgentAsync("ls", "--state", rig.State)).Expect(0).Output, StringComparison.Ordinal);
        (await rig.AgentAsync("unmount", rig.Drive)).Expect(0);
        await rig.ShAsync("""rm "$WORK"/state/cache.db*""");
        await rig.MountAsync();
        await rig.ListAsync();
        await rig.PythonAsync(Names + """
            assert sorted(os.listdir(b'.')) == sorted(names + [b'd\xfe']), os.listdir(b'.')
            for name in names: assert open(name, 'rb').read() == b'in ' + name
            assert os.listdir(b'd\xfe') == [b'\xfc'] and open(b'd\xfe/\xfc').read() == 'deep'
            for name in names: os.remove(name)
            """);
        (await rig.WaitAsync()).Expect(0);
    }

    private static string Python(string text) => $"bytes.fromhex('{Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text))}')";

    private static string[] Target(Rig rig) =>
    [
        "--store", "oss", "--endpoint", rig.Store.Endpoint.GetLeftPart(UriPartial.Authority), "--region", "cn-hangzhou", "--bucket", DevStoreProcess.Bucket,
        "--prefix", Prefix, "--state", rig.State,
    ];

    // The official client for Node makes "/" out of "//" and walks up at "..".
    private static async Task PutAsync(Rig rig, string key, string content)
    {
        var file = Path.Combine(rig.Work, "to-put");
        await File.WriteAllTextAsync(file, content);
        (await rig.AgentAsync(["put", .. Target(rig), "--", file, key])).Expect(0);
    }

    private static async Task<string> GetAsync(Rig rig, string key)
    {
        var file = Path.Combine(rig.Work, "got");
        File.Delete(file);
        (await rig.AgentAsync(["get", .. Target(rig), "--", key, file])).Expect(0);
        return await File.ReadAllTextAsync(file);
    }

    private static async Task<IReadOnlyList<string>> KeysAsync(Rig rig)
    {
        var lines = (await rig.AgentAsync(["ls", "--json", .. Target(rig)])).Expect(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => (string)System.Text.Json.Nodes.JsonNode.Parse(line)!["key"]!)];
    }
}
