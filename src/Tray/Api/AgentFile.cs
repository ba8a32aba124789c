using System.Text.Json;

namespace SyncAgent.Tray.Api;

/// <summary><c>agent.json</c> of a state folder, which an agent writes while it runs.</summary>
internal static class AgentFile
{
    /// <summary>The last published address, or null when there is none. Its agent may be dead.</summary>
    /// <exception cref="AgentException">The file cannot be read.</exception>
    public static AgentAddress? Read(string stateFolder)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(stateFolder, "agent.json")), ApiJson.Default.AgentAddress);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException or JsonException)
        {
            throw new AgentException($"{stateFolder}: the agent's address cannot be read: {e.Message}", e);
        }
    }
}
