using SyncAgent.Agent.Configuration.Keys;

namespace SyncAgent.Agent.Configuration;

/// <summary>Reads a target from what is given for a drive.</summary>
internal static class TargetReader
{
    /// <summary>Which bucket.</summary>
    public static TargetDraft ReadTarget(GivenValues given) => new()
    {
        Store = given.Text(DriveKeys.Store),
        Endpoint = given.Text(DriveKeys.Endpoint),
        Region = given.Text(DriveKeys.Region),
        Bucket = given.Text(DriveKeys.Bucket),
        Prefix = given.Text(DriveKeys.Prefix),
        Addressing = given.Value(DriveKeys.Addressing),
        ConditionalWrites = given.Value(DriveKeys.ConditionalWrites),
        Internal = given.Flag(DriveKeys.Internal),
        AllowHttp = given.Flag(DriveKeys.AllowHttp),
    };

    /// <summary>How to get there. Relative paths are relative to <paramref name="folder"/>.</summary>
    public static AccessDraft ReadAccess(GivenValues given, string folder) => new()
    {
        Credentials = CredentialsReader.Read(given, DriveKeys.Credentials, folder),
        Proxy = given.Text(DriveKeys.Proxy),
        CaFile = given.Text(DriveKeys.CaFile) is { Length: > 0 } file ? CredentialsReader.Absolute(file, folder) : null,
        ConnectTimeout = given.Value(DriveKeys.ConnectTimeout),
        StallTimeout = given.Value(DriveKeys.StallTimeout),
        ResponseTimeout = given.Value(DriveKeys.ResponseTimeout),
        IdleTimeout = given.Value(DriveKeys.IdleTimeout),
        MaxConnections = given.Value(DriveKeys.MaxConnections),
    };
}
