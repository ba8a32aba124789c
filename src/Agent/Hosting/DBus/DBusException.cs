namespace SyncAgent.Agent.Hosting.DBus;

/// <summary>The bus, or whom a message was for, refused; or the connection broke.</summary>
internal sealed class DBusException(string message, Exception? inner = null) : Exception(message, inner);
