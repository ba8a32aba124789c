using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SyncAgent.Torture.Rigs;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Economy;

/// <summary>What a kill in the middle of a large upload costs, beside rclone on the same store in the same run.</summary>
internal sealed class EconomyMode : ITortureMode
{
    private const string Key = "large.bin";
    private const double MostSent = 1.05;

    /// <inheritdoc/>
    public string Name => "economy";

    /// <inheritdoc/>
    public string Summary => "Kills a large upload half-way and counts the bytes that it took in the end, beside rclone (packages: rclone, Swift).";

    /// <inheritdoc/>
    public TortureRun Build(Command command)
    {
        var size = new Option<long>("--size") { Description = "MiB of the file", DefaultValueFactory = _ => 1024 };
        var link = new Option<long>("--link") { Description = "MiB/s of the link", DefaultValueFactory = _ => 40 };
        var patience = new Option<int>("--patience") { Description = "Seconds that a restarted program gets to finish", DefaultValueFactory = _ => 300 };
        foreach (var option in (Option[])[size, link, patience]) command.Options.Add(option);
        return (parsed, context, _) => RunAsync(context, parsed.GetValue(size) << 20, parsed.GetValue(link) << 20, TimeSpan.FromSeconds(parsed.GetValue(patience)));
    }

    private static async Task<TortureResult> RunAsync(TortureContext context, long size, long bytesPerSecond, TimeSpan patience)
    {
        var source = Path.Combine(context.Work, "source");
        var sum = MakeFile(source, size, context.ChanceOf("file"));
        await using var store = await SwiftServer.StartAsync(Path.Combine(context.Work, "swift"));
        var rows = new List<Outcome>();
        foreach (var isOurs in (bool[])[true, false])
        {
            await using var link = new ThrottledProxy(store.Address, bytesPerSecond);
            var work = Directory.CreateDirectory(Path.Combine(context.Work, isOurs ? "ours" : "rclone")).FullName;
            await using Contender contender = isOurs ? new OurAgent(context.Agent, work, store, link) : new Rclone(work, store, link);
            rows.Add(await KillHalfWayAsync(context, contender, source, size, sum, patience));
        }

        Console.WriteLine("program      sent/size  sent before the kill  s to arrive after restart  arrived  open uploads");
        foreach (var row in rows)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name,-12} {row.Sent / (double)size,9:0.000}  {row.SentBefore / (double)size,20:0.000}  {row.Seconds,25:0.0}  {(row.Arrived ? "yes" : "no"),7}  {row.OpenUploads,12}"));
        }

        var ours = rows[0];
        var failures = new List<string>();
        if (!ours.Arrived) failures.Add($"the file has not arrived whole within {patience.TotalSeconds} s");
        if (ours.Sent > MostSent * size) failures.Add($"{ours.Sent / (double)size:0.000} of the file's size was sent, at most {MostSent} is allowed");
        if (ours.OpenUploads > 0) failures.Add($"{ours.OpenUploads} uploads are left in the bucket");
        return new TortureResult([.. rows.Select(row => (row.Name, string.Create(CultureInfo.InvariantCulture, $"{row.Sent / (double)size:0.000} with {row.OpenUploads} uploads left")))], failures);
    }

    private static async Task<Outcome> KillHalfWayAsync(TortureContext context, Contender contender, string source, long size, string sum, TimeSpan patience)
    {
        await contender.MakeBucketAsync();
        await contender.StartAsync();
        context.Tell($"{contender.Name}: mounted");
        var copying = Tool.RunAsync("cp", [source, Path.Combine(contender.Drive, Key)]);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        await copying;
        context.Tell($"{contender.Name}: copied");
        while (contender.Sent < size / 2) await timer.WaitForNextTickAsync();
        await contender.KillAsync();
        var sentBefore = contender.Sent;
        context.Tell($"{contender.Name}: killed");

        var restarted = Stopwatch.GetTimestamp();
        await contender.StartAsync();
        // rclone looks at its cache when its file is asked for, or at its start; ours by itself.
        while (Stopwatch.GetElapsedTime(restarted) < patience && await contender.SizeAsync(Key) != size) await Task.Delay(500);
        var seconds = Stopwatch.GetElapsedTime(restarted).TotalSeconds;
        var arrived = await contender.SizeAsync(Key) == size && await contender.SumAsync(Key) == sum;
        context.Tell($"{contender.Name}: {(arrived ? "arrived" : "not arrived")}");
        var uploads = await contender.OpenUploadsAsync();
        var sent = contender.Sent;
        await contender.KillAsync();
        return new Outcome(contender.Name, sentBefore, sent, seconds, arrived, uploads);
    }

    private static string MakeFile(string path, long size, Random random)
    {
        using var sum = System.Security.Cryptography.IncrementalHash.CreateHash(System.Security.Cryptography.HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        using var file = File.Create(path);
        for (var left = size; left > 0; left -= buffer.Length)
        {
            random.NextBytes(buffer);
            var count = (int)Math.Min(left, buffer.Length);
            file.Write(buffer, 0, count);
            sum.AppendData(buffer, 0, count);
        }

        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }

    private sealed record Outcome(string Name, long SentBefore, long Sent, double Seconds, bool Arrived, int OpenUploads);
}
