using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Tests;

/// <summary>That an agent outlives the upgrade of its program is seen in tests/packages; here, that nothing it names is left to be loaded.</summary>
public sealed class WholeProgramTests
{
    [Fact]
    public void Everything_that_the_agent_names_is_loaded()
    {
        WholeProgram.Load();
        var loaded = AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic).ToList();
        var names = loaded.Select(assembly => assembly.GetName().Name).ToHashSet();
        // What a first request and a first upload need.
        Assert.Contains("Microsoft.AspNetCore.StaticFiles", names);
        Assert.Contains("Microsoft.AspNetCore.Http.Features", names);
        Assert.Contains("System.Net.Security", names);
        var agent = loaded.Single(assembly => assembly == typeof(WholeProgram).Assembly);
        Assert.All(agent.GetReferencedAssemblies(), name => Assert.Contains(name.Name, names));
    }
}
