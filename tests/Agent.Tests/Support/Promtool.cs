using System.Diagnostics;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>Prometheus' own judge of what is written for it; Debian has it in the package prometheus.</summary>
internal static class Promtool
{
    private const string Name = "promtool";

    /// <summary>Runs "promtool check" on a text; the test is skipped where there is none.</summary>
    public static async Task<(int Code, string Said)> CheckAsync(string text, params string[] what)
    {
        var stop = TestContext.Current.CancellationToken;
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, Name))))
            Assert.Skip("promtool is missing (Debian: package prometheus)");
        using var promtool = Process.Start(
            new ProcessStartInfo(Name, ["check", .. what]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = Task.WhenAll(promtool.StandardOutput.ReadToEndAsync(stop), promtool.StandardError.ReadToEndAsync(stop));
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync(stop);
        return (promtool.ExitCode, string.Concat(await said));
    }
}
