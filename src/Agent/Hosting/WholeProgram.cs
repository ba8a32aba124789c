using System.Reflection;

namespace SyncAgent.Agent.Hosting;

/// <summary>
/// Loads all of the program into a process that lives long. The runtime opens an assembly only when it is first needed, and by the path of the
/// program's file: once a package was upgraded, that is another file, and what runs would fail in the middle of its work.
/// </summary>
internal static class WholeProgram
{
    private static readonly bool IsOneFile = typeof(WholeProgram).Assembly.Location.Length == 0;

    /// <summary>Loads every assembly that another one names. What is mapped takes memory only where it is used.</summary>
    public static void Load()
    {
        // The path is asked of the system but once, and afterwards it is "... (deleted)".
        _ = Environment.ProcessPath;
        var open = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic));
        var known = open.Select(assembly => assembly.GetName().Name).ToHashSet();
        while (open.TryDequeue(out var assembly))
        {
            foreach (var name in assembly.GetReferencedAssemblies().Where(name => known.Add(name.Name) && IsOurs(name)))
            {
                if (TryLoad(name) is { } loaded) open.Enqueue(loaded);
            }
        }
    }

    // A .NET that is installed by itself is never replaced in place; and each file of it that is loaded takes a descriptor.
    private static bool IsOurs(AssemblyName name) =>
        IsOneFile || File.Exists(Path.Combine(AppContext.BaseDirectory, name.Name + ".dll"));

    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            return null; // named for another system, and not part of this program; whoever needs it will say so
        }
    }
}
