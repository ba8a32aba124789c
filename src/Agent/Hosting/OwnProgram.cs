namespace SyncAgent.Agent.Hosting;

/// <summary>How to start this program again.</summary>
internal static class OwnProgram
{
    /// <summary>The program's absolute path and, where it is started by "dotnet", the path of its assembly.</summary>
    public static IReadOnlyList<string> Find()
    {
        var program = Environment.ProcessPath ?? throw new InvalidOperationException("The program's own path is unknown.");
        return Path.GetFileNameWithoutExtension(program) == "dotnet" ? [program, typeof(OwnProgram).Assembly.Location] : [program];
    }
}
