namespace SyncAgent.Transfer;

/// <summary>What a worker tells the scheduler.</summary>
internal interface IWorkerEvents
{
    /// <summary>A node's content starts to be sent: from now on changes of the node concern the job.</summary>
    void Begins(NodeJob job);

    /// <summary>A node's object is about to be copied on the server.</summary>
    void Copies(NodeJob job);

    /// <summary>A node waits for others to free its key: uploads to it that nobody wants any more are to be stopped.</summary>
    void Waits(long node, string key);
}
