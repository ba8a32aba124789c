using System.Security.Cryptography;

namespace SyncAgent.Agent.Status;

/// <summary>
/// Who may see the page. Somebody who knows the agent's token asks for a one-time token and opens its address in a browser, which gets a
/// cookie for it. Cookies know no ports: another user's server on another port of this machine would be shown a cookie of the path "/". So the
/// page of each session lives below a path that nobody can guess, and the cookie is bound to that. Thread-safe.
/// </summary>
/// <param name="time">Clock of the tokens.</param>
internal sealed class PageAccess(TimeProvider time)
{
    /// <summary>Name of the cookie.</summary>
    public const string CookieName = "syncagent";

    /// <summary>What the path of every session begins with.</summary>
    public const string PathPrefix = "/p/";

    /// <summary>Most one-time tokens, and most sessions: the oldest goes.</summary>
    private const int Most = 32;

    private const int LabelBytes = 16;
    private const int SecretBytes = 32;

    private readonly Lock _lock = new();
    private readonly List<(string Token, long Made)> _tokens = [];
    private readonly List<PageSession> _sessions = [];

    /// <summary>How long a one-time token is good.</summary>
    public static readonly TimeSpan TokenLife = TimeSpan.FromSeconds(60);

    /// <summary>Makes a one-time token.</summary>
    public string NewToken()
    {
        var token = Random(SecretBytes);
        lock (_lock)
        {
            if (_tokens.Count == Most) _tokens.RemoveAt(0);
            _tokens.Add((token, time.GetTimestamp()));
        }

        return token;
    }

    /// <summary>Takes a one-time token for a new session; null when it is not good, or not any more.</summary>
    public PageSession? Open(string token)
    {
        lock (_lock)
        {
            var at = _tokens.FindIndex(known => ControlProof.AreEqual(known.Token, token));
            if (at < 0) return null;
            var made = _tokens[at].Made;
            _tokens.RemoveAt(at);
            if (time.GetElapsedTime(made) > TokenLife) return null;
            if (_sessions.Count == Most) _sessions.RemoveAt(0);
            var session = new PageSession(PathPrefix + Random(LabelBytes), Random(SecretBytes));
            _sessions.Add(session);
            return session;
        }
    }

    /// <summary>Whether a request to a session's path comes with its cookie.</summary>
    /// <param name="path">Path of the session, without a slash at its end.</param>
    /// <param name="cookie">The cookie, or null.</param>
    public bool IsSignedIn(string path, string? cookie)
    {
        if (cookie is null) return false;
        lock (_lock) return _sessions.Any(session => session.Path == path && ControlProof.AreEqual(session.Secret, cookie));
    }

    private static string Random(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}

/// <summary>A browser that was let in. Ends with the agent.</summary>
/// <param name="Path">Where its page lives, without a slash at the end.</param>
/// <param name="Secret">What its cookie holds.</param>
internal sealed record PageSession(string Path, string Secret);
