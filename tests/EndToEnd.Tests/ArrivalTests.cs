using System.Diagnostics;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>The main job: copy in, walk away, and the bucket holds it.</summary>
public class ArrivalTests
{
    private const int TreeFiles = 1500;
    private const long Mebibyte = 1 << 20;

    private static readonly long LargeSize = Places.Full ? 2048 * Mebibyte : 256 * Mebibyte;

    [Fact]
    public async Task A_copied_tree_and_a_large_file_arrive_byte_for_byte()
    {
        await using var rig = await Rig.MountedAsync();
        await MakeTreeAsync(rig);
        rig.MakeFile("source/large.bin", LargeSize, seed: 1);

        var begun = Stopwatch.GetTimestamp();
        await rig.ShAsync("""cp -r source/. "$DRIVE"/""");
        var copied = Stopwatch.GetElapsedTime(begun);
        (await rig.WaitAsync()).Expect(0);
        var synced = Stopwatch.GetElapsedTime(begun);

        var report = (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.True(report.Files >= TreeFiles, $"only {report.Files} files were compared");
        Assert.True(report.Links > 0);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{report.Files} files, {report.Links} links, {report.Folders} folders, {report.Bytes} bytes: copied in {copied.TotalSeconds:F1} s, in the bucket after {synced.TotalSeconds:F1} s");
    }

    /// <summary>A tree of headers where this machine has one, else one of the same shape; always with links.</summary>
    private static Task<string> MakeTreeAsync(Rig rig) => rig.ShAsync($$"""
        mkdir -p source/include
        find /usr/include/linux /usr/include/c++ /usr/include/asm-generic -type f 2>/dev/null | head -n {{TreeFiles}} > names || true
        tar -cf - -C / -T names 2>/dev/null | tar -xf - -C source/include
        left=$(({{TreeFiles}} - $(find source/include -type f | wc -l)))
        while [ $left -gt 0 ]; do
            mkdir -p source/include/made-$((left % 50))
            head -c $((left * 37 % 30000)) /dev/urandom > source/include/made-$((left % 50))/$left.h
            left=$((left - 1))
        done
        ln -s large.bin source/link
        ln -s ../nowhere source/include/dangling
        mkdir source/empty
        : > source/empty.txt
        """);
}
