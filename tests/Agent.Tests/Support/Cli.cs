using SyncAgent.Agent.Cli;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>Runs a command line in this process.</summary>
internal sealed class Cli
{
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal)
    {
        ["OSS_ACCESS_KEY_ID"] = "id",
        ["OSS_ACCESS_KEY_SECRET"] = "secret",
    };

    public string Out { get; private set; } = "";

    public string Error { get; private set; } = "";

    public async Task<int> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, new CliContext
        {
            Out = output,
            Error = error,
            Environment = name => Environment.GetValueOrDefault(name),
            Stop = TestContext.Current.CancellationToken,
        });
        (Out, Error) = (output.ToString(), error.ToString());
        return code;
    }
}
