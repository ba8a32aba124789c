using System.Text.RegularExpressions;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>The packages, as somebody who has only them uses them: the program of docs/library.md, word for word.</summary>
public sealed partial class PackageTests
{
    private static readonly string[] Packages = ["SyncAgent.Store", "SyncAgent.Journal", "SyncAgent.Transfer"];
    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task The_sample_of_the_documentation_puts_a_file()
    {
        Assert.SkipUnless(
            File.Exists(Path.Combine(Places.Repository, "src/Transfer/bin", Places.Configuration, "net10.0/SyncAgent.Transfer.dll")),
            "packs what the ordinary build has left in bin/, and this one was built elsewhere");
        await using var rig = await Rig.StartAsync();
        // A version of its own: what restore has cached of another run must not be taken for it.
        var version = $"0.0.0-test{Guid.NewGuid():n}";
        try
        {
            foreach (var package in Packages)
                await DotnetAsync(rig, Places.Repository, "pack", $"src/{package[10..]}", "--no-build", "-c", Places.Configuration, $"-p:PackageVersion={version}", "-o", Path.Combine(rig.Work, "feed"));
            var sample = WriteSample(rig, version);
            rig.MakeFile("source/file.bin", 40 << 20, seed: 5);
            await DotnetAsync(rig, sample, "build", "-nodeReuse:false", "-o", Path.Combine(rig.Work, "built"));
            var run = (await Command.RunAsync(
                Path.Combine(rig.Work, "built", "Sample"),
                [rig.Store.Endpoint.GetLeftPart(UriPartial.Authority), DevStoreProcess.Bucket, Path.Combine(rig.Work, "checkpoints"), Path.Combine(rig.Work, "source/file.bin"), "file.bin"],
                rig.Environment)).Expect(0);
            Assert.Contains("Completed 41943040 of 41943040", run.Output, StringComparison.Ordinal);
            Assert.Contains("file.bin: 41943040 bytes, 41943040 sent now", run.Output, StringComparison.Ordinal);
            (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(rig.Work, "checkpoints"), "*.upload"));
        }
        finally
        {
            foreach (var package in Packages)
            {
                var cached = Path.Combine(PackageCache, package.ToLowerInvariant(), version);
                if (Directory.Exists(cached)) Directory.Delete(cached, recursive: true);
            }
        }
    }

    private static string PackageCache => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string WriteSample(Rig rig, string version)
    {
        var folder = Directory.CreateDirectory(Path.Combine(rig.Work, "sample")).FullName;
        var code = CSharp().Match(File.ReadAllText(Path.Combine(Places.Repository, "docs/library.md"))).Groups[1].Value;
        File.WriteAllText(Path.Combine(folder, "Program.cs"), code);
        File.WriteAllText(Path.Combine(folder, "Sample.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <RestoreAdditionalProjectSources>{Path.Combine(rig.Work, "feed")}</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="SyncAgent.Transfer" Version="{version}" />
              </ItemGroup>
            </Project>
            """);
        return folder;
    }

    private static async Task DotnetAsync(Rig rig, string folder, params string[] arguments) =>
        (await Command.RunAsync("dotnet", [.. arguments, "-v", "quiet"], new Dictionary<string, string>(rig.Environment) { ["DOTNET_NOLOGO"] = "1" }, folder, BuildTime)).Expect(0);

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();
}
