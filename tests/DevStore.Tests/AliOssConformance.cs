using System.Diagnostics;

namespace SyncAgent.DevStore.Tests;

/// <summary>
/// The official client judges the server. Needs node and <c>npm ci</c> in tests/conformance (test.sh does both); without them
/// it is skipped with that reason.
/// </summary>
public class AliOssConformance : ServerTest
{
    private static readonly DevStoreCredential Temporary = new("sts-id", "sts-secret", "sts-token+/==", DateTimeOffset.MaxValue);

    private protected override DevStoreOptions Options => base.Options with { Credentials = [Key, Temporary], TimeProvider = TimeProvider.System };

    [Fact]
    public async Task The_official_client_is_content()
    {
        string? folder = FindConformanceFolder();
        Assert.SkipWhen(folder is null, "tests/conformance/node_modules is missing: run npm ci there.");
        Assert.SkipUnless(OnPath("node"), "node is not installed.");
        var start = new ProcessStartInfo("node", ["conformance.mjs", Server.Endpoint.ToString(), TestClient.Bucket])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OSS_ACCESS_KEY_ID"] = Key.AccessKeyId;
        start.Environment["OSS_ACCESS_KEY_SECRET"] = Key.AccessKeySecret;
        start.Environment["OSS_STS_ACCESS_KEY_ID"] = Temporary.AccessKeyId;
        start.Environment["OSS_STS_ACCESS_KEY_SECRET"] = Temporary.AccessKeySecret;
        start.Environment["OSS_STS_SECURITY_TOKEN"] = Temporary.SecurityToken;
        using Process node = Process.Start(start)!;
        Task<string> output = node.StandardOutput.ReadToEndAsync();
        Task<string> errors = node.StandardError.ReadToEndAsync();
        await node.WaitForExitAsync();
        Assert.True(node.ExitCode == 0, await output + await errors);
        Assert.Matches(@"^[1-9]\d+ passed, 0 failed", await output);
    }

    private static string? FindConformanceFolder()
    {
        for (DirectoryInfo? at = new(ThisFolder()); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, "conformance");
            if (Directory.Exists(Path.Combine(candidate, "node_modules", "ali-oss"))) return candidate;
        }

        return null;
    }

    private static string ThisFolder([System.Runtime.CompilerServices.CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    private static bool OnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, program)) || File.Exists(Path.Combine(folder, program + ".exe")));
}
