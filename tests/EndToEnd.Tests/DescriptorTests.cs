using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>Descriptors run out, for a program or for the agent: what was refused is not there, and what was closed arrives.</summary>
public sealed class DescriptorTests
{
    /// <summary>Opens files until it is refused, writes to all that it got, and copies to $WORK what was closed without an error.</summary>
    private const string OpenMany = """
        import errno, os, sys
        drive, expected, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
        opened, refused = [], 0
        for i in range(wanted):
            try: opened.append((i, os.open(f'{drive}/f{i}', os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)))
            except OSError as e:
                assert e.errno in (errno.EMFILE, errno.ENFILE), e
                refused += 1
        for i, fd in opened: os.write(fd, b'%d ' % i * 500)
        for i, fd in opened: os.close(fd)
        for i, fd in opened: open(f'{expected}/f{i}', 'wb').write(b'%d ' % i * 500)
        print(len(opened), refused)
        """;

    [Fact]
    public async Task A_program_that_runs_out_of_descriptors_loses_nothing_that_it_closed()
    {
        await using var rig = await Rig.MountedAsync();
        var (opened, refused) = await OpenManyAsync(rig, "ulimit -n 64", wanted: 100);
        Assert.InRange(opened, 40, 64);
        Assert.Equal(100, opened + refused);
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "expected"))).ExpectClean();
    }

    [Fact]
    public async Task An_agent_that_runs_out_of_descriptors_refuses_and_loses_nothing()
    {
        const int Limit = 400;
        await using var rig = await Rig.StartAsync();
        var line = string.Join(' ', rig.MountLine().Select(word => $"'{word}'"));
        await rig.ShAsync($"""ulimit -n {Limit}; "$SYNCAGENT" {line}""");
        await rig.ListAsync();

        var (opened, refused) = await OpenManyAsync(rig, "ulimit -n 4096", wanted: 2 * Limit);
        Assert.True(opened > 20 && refused > 0, $"{opened} were opened and {refused} refused: the agent's limit was never met");
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "expected"))).ExpectClean();

        // And it goes on as before.
        await rig.ShAsync("""echo after > "$DRIVE"/after; echo after > expected/after; test "$(cat "$DRIVE"/f0 | head -c 2)" = '0 ' """);
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "expected"))).ExpectClean();
    }

    private static async Task<(int Opened, int Refused)> OpenManyAsync(Rig rig, string limit, int wanted)
    {
        await File.WriteAllTextAsync(Path.Combine(rig.Work, "many.py"), OpenMany);
        var said = await rig.ShAsync($"""mkdir expected; {limit}; python3 many.py "$DRIVE" expected {wanted}""");
        var numbers = said.Split(' ').Select(int.Parse).ToArray();
        return (numbers[0], numbers[1]);
    }
}
