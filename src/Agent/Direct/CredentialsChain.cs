using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Configuration;
using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>A provider of keys as settings name it, with everything that it is made of.</summary>
internal sealed class CredentialsChain : IDisposable
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(1);

    private readonly Stack<IDisposable> _parts = new();
    private readonly TargetSettings _target;
    private readonly ICredentialsProvider _environment;
    private readonly TimeProvider _time;
    private readonly ILogger<RefreshingCredentials>? _logger;

    /// <summary>Makes the provider. Nothing is read or fetched yet.</summary>
    /// <param name="target">Names the source.</param>
    /// <param name="environment">Keys of the environment: of this process, or of the one that asked for the drive.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Told of renewals that fail, or null.</param>
    public CredentialsChain(TargetSettings target, ICredentialsProvider environment, TimeProvider time, ILoggerFactory? loggers = null)
    {
        _target = target;
        _environment = environment;
        _time = time;
        _logger = loggers?.CreateLogger<RefreshingCredentials>();
        Provider = Make(target.Credentials);
    }

    /// <summary>What a store's client asks.</summary>
    public ICredentialsProvider Provider { get; }

    /// <summary>The file that the store's own tools keep keys in.</summary>
    public static string UsualFile(TargetSettings target) => CredentialsReader.Absolute(target.Store == TargetSettings.S3 ? "~/.aws/credentials" : "~/.ossutilconfig", "/");

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_parts.TryPop(out var part)) part.Dispose();
    }

    private ICredentialsProvider Make(CredentialsSettings settings) => settings.Source switch
    {
        CredentialsSource.Environment => _environment,
        CredentialsSource.File => new ProfileCredentials(settings.Path ?? UsualFile(_target), settings.Profile),
        CredentialsSource.Process => Refreshing(new ProcessCredentials(settings.Command!, settings.Shell, settings.Timeout ?? CommandTimeout, _time)),
        CredentialsSource.Ecs => Refreshing(Kept(new EcsRoleCredentials(settings.Role, _time))),
        CredentialsSource.AssumeRole => Refreshing(Kept(
            new AssumeRoleCredentials(settings.AssumeRole!, Make(settings.Base ?? CredentialsSettings.Environment), _target.Connection, _time))),
        _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Source, null),
    };

    private RefreshingCredentials Refreshing(ICredentialsSource source) => Kept(new RefreshingCredentials(source, _time, _logger));

    private T Kept<T>(T part)
        where T : IDisposable
    {
        _parts.Push(part);
        return part;
    }
}
