using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace SyncAgent.Torture.Rigs;

/// <summary>Asks a live agent by its control API, at the cost of a request instead of a process.</summary>
internal static class ControlApi
{
    private static readonly HttpClient Http = new();

    /// <summary>Sends a request; null when the agent is not there or died under it.</summary>
    /// <returns>The answer's JSON, also of a refusal.</returns>
    public static async Task<JsonNode?> TryAskAsync(string state, HttpMethod method, string path)
    {
        var file = Path.Combine(state, "agent.json");
        if (!File.Exists(file)) return null;
        try
        {
            var agent = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
            using var request = new HttpRequestMessage(method, new Uri($"http://127.0.0.1:{(int)agent["port"]!}/{path}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (string)agent["token"]!);
            using var answer = await Http.SendAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }
}
