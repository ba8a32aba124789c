using System.Text.Json;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Status;

/// <summary><c>agent.json</c> of a state folder: where its agent listens. Only the owner may read it.</summary>
internal static class AgentFile
{
    private const string FileName = "agent.json";

    /// <summary>Publishes an address.</summary>
    public static void Write(string stateFolder, AgentAddress address) =>
        AtomicFile.Write(PathOf(stateFolder), JsonSerializer.Serialize(address, ControlJson.Default.AgentAddress));

    /// <summary>The last published address, or null. Its agent may be dead.</summary>
    public static AgentAddress? Read(string stateFolder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(stateFolder)), ControlJson.Default.AgentAddress);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Takes the address back; one that is not there is fine.</summary>
    public static void Delete(string stateFolder) => File.Delete(PathOf(stateFolder));

    private static string PathOf(string stateFolder) => Path.Combine(stateFolder, FileName);
}
