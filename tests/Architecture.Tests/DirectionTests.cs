using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SyncAgent.Architecture.Tests;

/// <summary>The arrows of docs/architecture.md, read from the compiled assemblies.</summary>
public sealed class DirectionTests
{
    public static TheoryData<string, string[]> Allowed => new()
    {
        { "SyncAgent.Store", [] },
        { "SyncAgent.Journal", [] },
        { "SyncAgent.DevStore", [] },
        { "SyncAgent.Fs.Core", ["SyncAgent.Journal", "SyncAgent.Store"] },
        { "SyncAgent.Fs.Linux", ["SyncAgent.Fs.Core"] },
        { "SyncAgent.Fs.Windows", ["SyncAgent.Fs.Core"] },
        { "SyncAgent.Transfer", ["SyncAgent.Journal", "SyncAgent.Store"] },
        { "syncagent-tray", [] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_project_uses_only_what_the_architecture_lets_it(string assembly, string[] allowed)
    {
        var used = Assembly.Load(assembly).GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => name.StartsWith("SyncAgent", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(used.Except(allowed));
    }

    [Fact]
    public void The_file_system_sees_only_the_reading_half_of_the_store()
    {
        string[] allowed =
        [
            "IObjectReader", "ListRequest", "ListPage", "ListedObject", "ObjectInfo", "ObjectBody", "ByteRange", "Crc64",
            "StoreException", "StoreErrorKind",
        ];
        var used = TypesOf("SyncAgent.Fs.Core", "SyncAgent.Store").ToList();
        Assert.Contains("IObjectReader", used);
        Assert.Empty(used.Except(allowed));
    }

    [Fact]
    public void Adapters_keep_to_the_neutral_file_system()
    {
        foreach (var adapter in (string[])["SyncAgent.Fs.Linux", "SyncAgent.Fs.Windows"])
        {
            Assert.DoesNotContain("CoreFileSystem", TypesOf(adapter, "SyncAgent.Fs.Core"));
        }
    }

    [Fact]
    public void Files_stay_small()
    {
        const int Longest = 400;
        var root = typeof(DirectionTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "RepositoryRoot").Value!;
        var long_ = Directory.EnumerateFiles(Path.Combine(root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && File.ReadLines(file).Count() > Longest)
            .Select(file => Path.GetRelativePath(root, file));
        Assert.Empty(long_);
    }

    // What a kill after it does is tried by tests/Torture, which knows the verbs by their announcement.
    [Fact]
    public void Every_verb_of_the_journal_is_a_crash_point()
    {
        var root = typeof(DirectionTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "RepositoryRoot").Value!;
        var verbs = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(root, "src/Journal"), "JournalWriter.*.cs"))
        {
            var lines = File.ReadAllLines(file);
            for (var i = 0; i < lines.Length; i++)
            {
                if (!lines[i].StartsWith("    public ", StringComparison.Ordinal) || lines[i].Contains(" class ", StringComparison.Ordinal)) continue;
                var body = Array.IndexOf(lines, "    {", i);
                Assert.True(body > 0 && lines[body + 1].Trim() == "Reached();", $"{Path.GetFileName(file)}: {lines[i].Trim()} does not begin with Reached().");
                verbs++;
            }
        }

        Assert.True(verbs > 50);
    }

    private static IEnumerable<string> TypesOf(string assembly, string scope)
    {
        using var file = File.OpenRead(Assembly.Load(assembly).Location);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();
        foreach (var handle in metadata.TypeReferences)
        {
            var type = metadata.GetTypeReference(handle);
            if (type.ResolutionScope.Kind != HandleKind.AssemblyReference) continue;
            var from = metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope);
            if (metadata.GetString(from.Name) == scope) yield return metadata.GetString(type.Name);
        }
    }
}
