using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>Runs a command line in this process.</summary>
internal sealed class Cli
{
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal)
    {
        ["OSS_ACCESS_KEY_ID"] = "id",
        ["OSS_ACCESS_KEY_SECRET"] = "secret",
    };

    /// <summary>Stands for other programs of the machine, or null: they are run.</summary>
    public Func<string, IReadOnlyList<string>, CancellationToken, Task<ProgramResult>>? RunProgram { get; set; }

    public string Out { get; private set; } = "";

    public string Error { get; private set; } = "";

    /// <summary>The world that a command sees, without anybody who reads what it says.</summary>
    public CliContext Context => new()
    {
        Out = TextWriter.Null,
        Error = TextWriter.Null,
        Environment = name => Environment.GetValueOrDefault(name),
        Stop = TestContext.Current.CancellationToken,
        RunProgram = RunProgram ?? OtherProgram.RunAsync,
    };

    public async Task<int> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.RunAsync(arguments, Context with { Out = output, Error = error });
        (Out, Error) = (output.ToString(), error.ToString());
        return code;
    }
}
