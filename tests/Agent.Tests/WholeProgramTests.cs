using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Tests;

/// <summary>That an agent outlives the upgrade of its program is seen in tests/packages; here, that nothing it names and brings
/// along is left to be loaded: a .NET that is installed by itself is never replaced in place.</summary>
public sealed class WholeProgramTests
{
    [Fact]
    public void Everything_that_the_agent_names_is_loaded()
    {
        WholeProgram.Load();
        var loaded = AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic).ToList();
        var names = loaded.Select(assembly => assembly.GetName().Name).ToHashSet();
        var agent = loaded.Single(assembly => assembly == typeof(WholeProgram).Assembly);
        var ours = agent.GetReferencedAssemblies().Where(name => File.Exists(Path.Combine(AppContext.BaseDirectory, name.Name + ".dll"))).ToList();
        Assert.Contains("SyncAgent.Transfer", ours.Select(name => name.Name));
        Assert.All(ours, name => Assert.Contains(name.Name, names));
    }
}
