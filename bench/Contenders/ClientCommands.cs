using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Contenders;

/// <summary>A program that uploads a file and ends.</summary>
internal sealed record ClientCommand(string Name, string? Version, Func<Trial, string, IReadOnlyList<string>> Arguments, string? Program)
{
    /// <summary>Uploads the file as the object "k" of the trial's bucket.</summary>
    public Task<TimedRun> RunAsync(Trial trial, string file) => TimedRun.OfAsync(Program!, Arguments(trial, file), ClientCommands.Environment(trial));
}

/// <summary>Programs that upload one file, all set to the same part size and parallelism.</summary>
internal static class ClientCommands
{
    /// <summary>Name of the one that all others are shares of.</summary>
    public const string Bare = "bare sender";

    public const string Ours = "syncagent put";
    public const string OursOss = "syncagent put, oss";
    public const string OursCrc64 = "syncagent put, oss, crc64";

    private const int Part = Drive.PartMebibytes;
    private const int Parallel = Drive.ParallelParts;

    public static IReadOnlyList<ClientCommand> All { get; } =
    [
        new(Bare, "", (trial, file) => ["send", file, $"{trial.Store.Endpoint}/{trial.Bucket}/k", $"{Part}", $"{Parallel}"], System.Environment.ProcessPath),
        new(Ours, new OurDrive().Version, (trial, file) => [.. Put(trial, file), "--region", Drive.Region, "--store", "s3"], OurDrive.Program),
        new(OursOss, new OurDrive().Version, (trial, file) => [.. Put(trial, file), "--region", "cn-hangzhou"], OurDrive.Program),
        new(OursCrc64, new OurDrive().Version, (trial, file) => [.. Put(trial, file), "--region", "cn-hangzhou", "--checksum", "crc64"], OurDrive.Program),
        Peer("aws", "aws s3 cp", "--version", (trial, file) => ["--endpoint-url", trial.Store.Endpoint, "s3", "cp", "--only-show-errors", file, $"s3://{trial.Bucket}/k"]),
        Peer("rclone", "rclone copyto", "version", (trial, file) =>
        [
            "copyto", file, $":s3:{trial.Bucket}/k", "--s3-provider", "Other", "--s3-endpoint", trial.Store.Endpoint, "--s3-env-auth", "--s3-region", Drive.Region,
            "--s3-chunk-size", $"{Part}Mi", "--s3-upload-concurrency", $"{Parallel}", "--s3-upload-cutoff", $"{Part}Mi", "--ignore-times", "--s3-no-check-bucket",
        ]),
        // It sends one part after the other.
        Peer("s3cmd", "s3cmd put", "--version", (trial, file) =>
        [
            "put", "--config", "/dev/null", "--no-ssl", $"--host={new Uri(trial.Store.Endpoint).Authority}", $"--host-bucket={new Uri(trial.Store.Endpoint).Authority}", $"--region={Drive.Region}",
            "--access_key=id", "--secret_key=secret", $"--multipart-chunk-size-mb={Part}", "--no-progress", "--no-preserve", "--no-guess-mime-type", file, $"s3://{trial.Bucket}/k",
        ]),
    ];

    /// <summary>Keys and settings that clients take from their environment.</summary>
    public static Dictionary<string, string?> Environment(Trial trial) => new()
    {
        ["OSS_ACCESS_KEY_ID"] = "id", ["OSS_ACCESS_KEY_SECRET"] = "secret", ["AWS_ACCESS_KEY_ID"] = "id", ["AWS_SECRET_ACCESS_KEY"] = "secret",
        ["AWS_DEFAULT_REGION"] = Drive.Region, ["AWS_CONFIG_FILE"] = AwsConfig(trial.Folder), ["AWS_EC2_METADATA_DISABLED"] = "true",
        ["RCLONE_CONFIG"] = "/dev/null",
        ["AWS_CA_BUNDLE"] = null, // Debian's rclone does not start with it
    };

    private static ClientCommand Peer(string program, string name, string versionOption, Func<Trial, string, IReadOnlyList<string>> arguments)
    {
        var found = Machine.Find(program);
        return new ClientCommand(name, found is null ? null : Machine.Said(found, versionOption), arguments, found);
    }

    private static string[] Put(Trial trial, string file) =>
    [
        "put", file, "k", "--state", Path.Combine(trial.Folder, "state"), "--endpoint", trial.Store.Endpoint, "--bucket", trial.Bucket, "--part-size", $"{Part}MiB",
        "--parallel-parts", $"{Parallel}",
    ];

    private static string AwsConfig(string folder)
    {
        var path = Path.Combine(folder, "aws.config");
        File.WriteAllText(
            path,
            $"[default]\ns3 =\n  multipart_threshold = {Part}MB\n  multipart_chunksize = {Part}MB\n  max_concurrent_requests = {Parallel}\n  addressing_style = path\n");
        return path;
    }
}
