using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Put;

/// <summary>A program that uploads the file once.</summary>
internal sealed record Client(string Name, string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string?> Environment)
{
    public Task<TimedRun> RunAsync() => TimedRun.OfAsync(Program, Arguments, Environment);
}

/// <summary>The clients that can be measured here, all set to the same part size and parallelism.</summary>
internal static class Clients
{
    /// <summary>Name of the one that all others are shares of.</summary>
    public const string Bare = "bare sender";

    public static IReadOnlyList<Client> Installed(string folder, string file, int port, int part, int parallel, string bucket)
    {
        var endpoint = $"http://127.0.0.1:{port}";
        var ours = System.Environment.GetEnvironmentVariable("SYNCAGENT_EXE") ?? Path.GetFullPath("artifacts/syncagent");
        var keys = new Dictionary<string, string?>
        {
            ["OSS_ACCESS_KEY_ID"] = "id", ["OSS_ACCESS_KEY_SECRET"] = "secret", ["AWS_ACCESS_KEY_ID"] = "id", ["AWS_SECRET_ACCESS_KEY"] = "secret",
            ["AWS_DEFAULT_REGION"] = "us-east-1", ["AWS_CONFIG_FILE"] = AwsConfig(folder, part, parallel), ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["RCLONE_CONFIG"] = Path.Combine(folder, "rclone.conf"),
            // rclone of Debian dies where this one is set.
            ["AWS_CA_BUNDLE"] = null,
        };
        string[] put =
        [
            "put", file, "k", "--state", Path.Combine(folder, "state"), "--endpoint", endpoint, "--bucket", bucket, "--part-size", $"{part}MiB",
            "--parallel-parts", $"{parallel}",
        ];
        var all = new List<Client>
        {
            new(Bare, System.Environment.ProcessPath!, ["send", file, $"{endpoint}/{bucket}/k", $"{part}", $"{parallel}"], keys),
            new("syncagent put, oss", ours, [.. put, "--region", "cn-hangzhou"], keys),
            new("syncagent put, oss crc64", ours, [.. put, "--region", "cn-hangzhou", "--checksum", "crc64"], keys),
            new("syncagent put, s3", ours, [.. put, "--region", "us-east-1", "--store", "s3"], keys),
        };
        if (Find("aws") is { } aws) all.Add(new("aws s3 cp", aws, ["--endpoint-url", endpoint, "s3", "cp", "--only-show-errors", file, $"s3://{bucket}/k"], keys));
        if (Find("rclone") is { } rclone)
        {
            all.Add(new(
                "rclone copyto", rclone,
                [
                    "copyto", file, $":s3:{bucket}/k", "--s3-provider", "Other", "--s3-endpoint", endpoint, "--s3-env-auth", "--s3-region", "us-east-1",
                    "--s3-chunk-size", $"{part}Mi", "--s3-upload-concurrency", $"{parallel}", "--s3-upload-cutoff", $"{part}Mi", "--ignore-times", "--s3-no-check-bucket",
                ],
                keys));
        }

        return all;
    }

    private static string AwsConfig(string folder, int part, int parallel)
    {
        var path = Path.Combine(folder, "aws.config");
        File.WriteAllText(
            path,
            $"[default]\ns3 =\n  multipart_threshold = {part}MB\n  multipart_chunksize = {part}MB\n  max_concurrent_requests = {parallel}\n  addressing_style = path\n");
        return path;
    }

    /// <summary>Debian's own program first: a version manager's wrapper costs time of its own.</summary>
    private static string? Find(string program) => (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Prepend("/usr/bin").Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
