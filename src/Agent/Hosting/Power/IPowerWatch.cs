namespace SyncAgent.Agent.Hosting.Power;

/// <summary>Follows the machine's sleep and its shutdowns, and holds those up while something is to be sent.</summary>
internal interface IPowerWatch : IAsyncDisposable
{
    /// <summary>Begins.</summary>
    void Start();

    /// <summary>Whether something is to be sent that goes on now.</summary>
    void SetPending(bool pending);
}
