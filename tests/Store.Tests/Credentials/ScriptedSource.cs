using System.Threading.Channels;

namespace SyncAgent.Store.Tests;

/// <summary>A source that answers each fetch when the test says so.</summary>
internal sealed class ScriptedSource : ICredentialsSource
{
    private readonly Channel<TaskCompletionSource<TimedCredentials>> _asked = Channel.CreateUnbounded<TaskCompletionSource<TimedCredentials>>();
    private int _fetches;

    public int Fetches => Volatile.Read(ref _fetches);

    public static TimedCredentials Key(string id, DateTimeOffset? expires = null) => new(new StoreCredentials(id, "secret-" + id, "token-" + id), expires);

    public Task<TimedCredentials> FetchAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _fetches);
        var answer = new TaskCompletionSource<TimedCredentials>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked.Writer.TryWrite(answer);
        return answer.Task;
    }

    /// <summary>Waits for the next fetch; the caller answers it.</summary>
    public async Task<TaskCompletionSource<TimedCredentials>> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _asked.Reader.ReadAsync(limit.Token);
    }
}
