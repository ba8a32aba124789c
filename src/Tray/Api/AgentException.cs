namespace SyncAgent.Tray.Api;

/// <summary>The agent could not be asked, or refused; the message is for the user.</summary>
internal sealed class AgentException : Exception
{
    /// <summary>With a message for the user.</summary>
    public AgentException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
