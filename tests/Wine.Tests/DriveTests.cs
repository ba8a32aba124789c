using System.Globalization;
using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Wine.Tests.Support;

namespace SyncAgent.Wine.Tests;

/// <summary>The published agent serves a drive through the stand-in for WinFsp: what native threads do with it is in the bucket.</summary>
public sealed class DriveTests(WineMachine machine)
{
    private const string State = @"C:\drive-state";

    [Fact]
    public async Task What_native_threads_write_is_in_the_bucket_byte_for_byte()
    {
        const int Threads = 4, Files = 30, Size = 20_000;
        WineMachine.SkipUnlessWanted();
        var (agent, drive) = await machine.MountAsync("S:", "storm/", State);
        Assert.Equal(
            Expect(Threads, Files, Size),
            int.Parse(await drive.DoAsync("storm", @"\threads", $"{Threads}", $"{Files}", $"{Size}"), CultureInfo.InvariantCulture));
        (await machine.AgentAsync("wait", "--state", State, "--timeout", "60")).Expect(0);
        var report = (await machine.CompareAsync(Path.Combine(machine.Work, "storm"), "storm/")).ExpectClean();
        var calls = await drive.CallsAsync();
        Show($"{calls.Values.Sum()} operations by {Threads} native threads: {string.Join(", ", calls.Select(call => $"{call.Key} {call.Value}"))}; {report.Files} objects, {report.Bytes} bytes");
        Assert.Equal(Expected(Threads, Files), report.Files);
        await EndAsync(agent, drive, "S:");
    }

    [Fact]
    public async Task Names_of_any_length_and_script_saves_and_handles_work_as_on_windows()
    {
        WineMachine.SkipUnlessWanted();
        var local = machine.MakeFile("names/Größe und 文件.bin", 300_000, seed: 1);
        var (agent, drive) = await machine.MountAsync("S:", "names/", State);
        await drive.CopyInAsync(local, @"\Größe und 文件.bin");
        // 240 characters in one name, and far more than 260 in the path.
        var folders = string.Join('\\', Enumerable.Repeat(new string('f', 80), 4));
        for (var depth = 1; depth <= 4; depth++) await drive.DoAsync("mkdir", @"\" + string.Join('\\', folders.Split('\\').Take(depth)));
        var deep = Path.Combine("names", folders.Replace('\\', '/'), new string('n', 240));
        machine.MakeFile(deep, 5, seed: 2);
        await drive.CopyInAsync(Path.Combine(machine.Work, deep), $@"\{folders}\{new string('n', 240)}");

        // Case does not matter, and is kept.
        Assert.Equal(NotFoundOr(StandInDrive.Ok), (await drive.SendAsync("stat", @"\GRÖSSE und 文件.BIN")).Status);
        Assert.StartsWith("20 300000 ", await drive.DoAsync("stat", @"\größe UND 文件.BIN"), StringComparison.Ordinal);
        Assert.Contains("Größe und 文件.bin", await drive.ListAsync(@"\"));

        // As Word saves: a temporary file is renamed over the document, which stays the object that it was, whatever case was typed.
        await drive.DoAsync("save", @"\report.txt", "first");
        await drive.DoAsync("save", @"\Report.txt", "second one");
        await File.WriteAllTextAsync(Path.Combine(machine.Work, "names", "report.txt"), "second one");
        Assert.Equal((StandInDrive.NameCollision, ""), await drive.SendAsync("rename", @"\report.txt", @"\Größe und 文件.bin", "0"));
        Assert.Equal(StandInDrive.NotEmpty, (await drive.SendAsync("delete", @"\" + folders.Split('\\')[0])).Status);
        Assert.Equal(StandInDrive.NotFound, (await drive.SendAsync("stat", @"\missing")).Status);

        // A handle reads what another one has just written, before any of it is closed.
        var writer = await drive.DoAsync("create", @"\open.bin");
        await drive.WriteAsync(writer, 10, [1, 2, 3]);
        var reader = await drive.DoAsync("open", @"\open.bin");
        Assert.Equal([0, 0, 1, 2, 3], await drive.ReadAsync(reader, 8, 100));
        await drive.DoAsync("size", writer, "12", "0");
        await drive.DoAsync("close", writer);
        await drive.DoAsync("close", reader);
        await File.WriteAllBytesAsync(Path.Combine(machine.Work, "names", "open.bin"), [.. new byte[10], 1, 2]);
        Assert.Equal("10 ", (await drive.DoAsync("security", @"\" + folders.Split('\\')[0]))[..3]);

        (await machine.AgentAsync("wait", "--state", State, "--timeout", "60")).Expect(0);
        (await machine.AgentAsync("wait", @"S:\report.txt", "--timeout", "60")).Expect(0);
        (await machine.CompareAsync(Path.Combine(machine.Work, "names"), "names/")).ExpectClean();
        await EndAsync(agent, drive, "S:");

        // What another machine finds there, through the drive: nothing of it is here any more.
        (agent, drive) = await machine.MountAsync("S:", "names/", @"C:\other-state");
        await drive.CopyOutAsync(@"\größe und 文件.bin", Path.Combine(machine.Work, "back.bin"));
        Assert.Equal(await File.ReadAllBytesAsync(local), await File.ReadAllBytesAsync(Path.Combine(machine.Work, "back.bin")));
        Assert.InRange((await drive.CallsAsync())["pending"], 1, long.MaxValue);
        await EndAsync(agent, drive, "S:");
    }

    // "ß" and "SS" are different letters to Windows.
    private static uint NotFoundOr(uint status) => status == StandInDrive.Ok ? StandInDrive.NotFound : status;

    private static int Expected(int threads, int files) => threads * files * 2 / 3;

    /// <summary>What the threads leave, made here by the same rule; gives the number of files.</summary>
    private int Expect(int threads, int files, int size)
    {
        var folder = Directory.CreateDirectory(Path.Combine(machine.Work, "storm", "threads")).FullName;
        for (var thread = 0; thread < threads; thread++)
        {
            for (var file = 0; file < files; file++)
            {
                if (file % 3 == 2) continue;
                var bytes = new byte[size];
                var seed = ((ulong)thread << 32) | (uint)file;
                for (var i = 0; i < size; i++) bytes[i] = (byte)((seed = unchecked((seed * 6364136223846793005) + 1442695040888963407)) >> 56);
                File.WriteAllBytes(Path.Combine(folder, file % 3 == 1 ? $"T{thread}-{file} renamed.bin" : $"t{thread}-{file}.bin"), bytes);
            }
        }

        return Expected(threads, files);
    }

    private async Task EndAsync(System.Diagnostics.Process agent, StandInDrive drive, string letter)
    {
        drive.Dispose();
        (await machine.AgentAsync("unmount", letter)).Expect(0);
        if (!agent.HasExited) agent.Kill();
        await agent.WaitForExitAsync().WaitAsync(Poll.Patience);
    }

    private static void Show(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);
}
