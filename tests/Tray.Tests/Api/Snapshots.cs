using System.Text.Json;
using SyncAgent.Tray.Api;

namespace SyncAgent.Tray.Tests.Api;

/// <summary>Pictures as an agent tells them, in its own JSON.</summary>
internal static class Snapshots
{
    /// <summary>One drive at /home/me/drive, and what is given of another.</summary>
    public static string Json(
        string state = "idle", string files = "", string active = "", string problems = "", string recent = "", long queued = 0, long uploading = 0,
        long speed = 0, bool paused = false, string health = """ "state":"ok" """, string more = "", bool mounted = true, string otherDrive = "")
    {
        var problemCount = problems.Length == 0 ? 0 : problems.Split("\"path\"").Length - 1;
        return $$"""
            {"apiVersion":1,"state":"{{state}}","agent":{"pid":1,"version":"0.1.0","started":"2026-01-01T00:00:00+00:00","state":"/s","paused":{{(paused ? "true" : "false")}}},
            "speed":{"upload":{{speed}},"download":0},"totals":{"queued":{{queued}},"uploading":{{uploading}},"problems":{{problemCount}},"pendingBytes":3670016},"stagedBytes":0,"durableLag":0,{{more}}
            "drives":[{"mountPoint":"/home/me/drive","mounted":{{(mounted ? "true" : "false")}},"state":"{{state}}","bucket":"b","health":{ {{health}} },"files":{ {{files}} },
            "active":[{{active}}],"problems":[{{problems}}],"problemCount":{{problemCount}},"recent":[{{recent}}]}{{otherDrive}}]}
            """.ReplaceLineEndings("");
    }

    /// <summary>A second drive, for <see cref="Json"/>.</summary>
    public static string OtherDrive(string mountPoint, string state = "idle", string health = "ok", bool mounted = true) => $$"""
        ,{"mountPoint":"{{mountPoint}}","mounted":{{(mounted ? "true" : "false")}},"state":"{{state}}","health":{"state":"{{health}}"},"files":{},"active":[],"problems":[],"problemCount":0,"recent":[]}
        """;

    /// <summary>The same, read.</summary>
    public static StatusSnapshot Of(string json) => JsonSerializer.Deserialize(json, ApiJson.Default.StatusSnapshot)!;
}
