using System.Text.Json;

namespace SyncAgent.Tray.Api;

/// <summary>Follows the agent of a state folder for as long as the tray runs: through restarts, upgrades and times without any.</summary>
internal sealed class AgentLink(string stateFolder, TimeProvider time)
{
    /// <summary>The first pause after a connection was lost.</summary>
    public static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Looking for an agent costs a small file to read: it is back in the tray within this time.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4);

    /// <summary>Reports what the agent tells, one update after the other, until it is cancelled.</summary>
    public async Task RunAsync(Action<AgentUpdate> onUpdate, CancellationToken cancellationToken)
    {
        var pause = ShortestPause;
        while (true)
        {
            string? error = null;
            var heard = false;
            try
            {
                await FollowOnceAsync(
                    update =>
                    {
                        heard = true;
                        onUpdate(update);
                    },
                    cancellationToken);
            }
            catch (AgentException e)
            {
                // One that was there and went away has ended; what else went wrong is worth a word.
                if (!heard || e.InnerException is JsonException) error = e.Message;
            }

            if (heard) pause = ShortestPause;
            onUpdate(new AgentAway(error));
            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task FollowOnceAsync(Action<AgentUpdate> onUpdate, CancellationToken cancellationToken)
    {
        using var connection = await AgentConnection.TryOpenAsync(stateFolder, time, cancellationToken);
        if (connection is not null) await connection.FollowAsync(onUpdate, cancellationToken);
    }
}
