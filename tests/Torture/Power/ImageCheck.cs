using System.Collections.Immutable;
using System.Security.Cryptography;

namespace SyncAgent.Torture.Power;

/// <summary>What is wrong with an image after recovery.</summary>
internal enum Fault
{
    /// <summary>Something acknowledged is gone or older than it was acknowledged.</summary>
    Lost,

    /// <summary>Something is shown or published that nobody ever closed.</summary>
    Torn,

    /// <summary>It is not as promised in another way.</summary>
    Wrong,
}

/// <summary>One thing that is wrong.</summary>
internal sealed record Finding(Fault Fault, string What);

/// <summary>
/// Judges what recovery made of an image. Of each actor's folder the tree must be that after one of the steps between the last that was
/// acknowledged and the last that was begun; each file what it or its name held at a close in between; the bucket the same.
/// </summary>
/// <param name="histories">What the actors did.</param>
/// <param name="moment">When the power went.</param>
/// <param name="before">The bucket at that moment.</param>
/// <param name="after">The bucket in the end.</param>
/// <param name="recovered">What the drive shows in the end.</param>
internal sealed class ImageCheck(
    IReadOnlyList<History> histories, CrashMoment moment, IReadOnlyList<SeenObject> before, IReadOnlyList<SeenObject> after, Recovered recovered)
{
    private readonly List<Finding> _findings = [];
    private readonly Dictionary<string, string> _bucket = after.ToDictionary(item => item.Key, item => item.Hash);

    /// <summary>All that is wrong.</summary>
    public IReadOnlyList<Finding> Run()
    {
        foreach (var trouble in recovered.Trouble) _findings.Add(new Finding(Fault.Wrong, trouble));
        foreach (var history in histories) CheckFolder(history);
        CheckKeys();
        return _findings;
    }

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // Whatever the bucket has was durable before it was sent: an acknowledgement too.
    private int LastAcknowledged(History history)
    {
        var last = history.DurableAt(moment.Position);
        foreach (var item in before)
        {
            if (!item.Key.StartsWith(history.Folder + "/", StringComparison.Ordinal) || item.Key.EndsWith('/')) continue;
            if (history.ClosedIn(item.Hash) is { } step) last = Math.Max(last, step);
            else _findings.Add(new Finding(Fault.Torn, $"{item.Key}: the bucket held at the cut what nobody ever closed"));
        }

        return last;
    }

    private void CheckFolder(History history)
    {
        var first = LastAcknowledged(history);
        var last = Math.Max(first, history.BegunBefore(moment.Next));
        var window = Enumerable.Range(first, last - first + 1).Select(index => history.Steps[index]).ToList();
        var prefix = history.Folder + "/";
        var seen = recovered.Names.Where(name => name.Path.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(name => name.Path[prefix.Length..]);
        var candidates = window.Where(step => HasNames(step.After, seen, window)).ToList();
        if (candidates.Count == 0)
        {
            var gone = window[0].After.Keys.Where(name => !seen.ContainsKey(name) && window.All(step => step.After.ContainsKey(name))).ToList();
            _findings.Add(new Finding(
                gone.Count > 0 ? Fault.Lost : Fault.Wrong,
                $"{history.Folder}: names [{string.Join(' ', seen.Keys.Order(StringComparer.Ordinal))}] are those after no step from {first} ({window[0].What}: {string.Join(' ', window[0].After.Keys)}) " +
                $"to {last} ({window[^1].What}: {string.Join(' ', window[^1].After.Keys)})"));
            return;
        }

        List<Finding>? best = null;
        foreach (var step in candidates)
        {
            var found = seen.Values.Where(name => !name.IsFolder).SelectMany(name => CheckFile(name, name.Path[prefix.Length..], step, window)).ToList();
            if (best is null || found.Count < best.Count) best = found;
        }

        foreach (var finding in best!)
            _findings.Add(finding with { What = $"{finding.What} [steps {first} ({window[0].What}) to {last} ({window[^1].What})]" });
    }

    // Staging files say themselves what they are: one whose rows did not survive is taken up again under the name that it had when it
    // was closed, so that names of later steps may show too. Whether such a file holds what was closed there is checked with the others.
    private static bool HasNames(ImmutableSortedDictionary<string, Entry> names, Dictionary<string, SeenName> seen, List<Step> window) =>
        names.All(pair => seen.TryGetValue(pair.Key, out var name) && name.IsFolder == (pair.Value.File is null))
        && seen.All(pair => names.ContainsKey(pair.Key) || window.Exists(step => step.After.TryGetValue(pair.Key, out var entry) && pair.Value.IsFolder == (entry.File is null)));

    private IEnumerable<Finding> CheckFile(SeenName seen, string name, Step at, List<Step> window)
    {
        var file = at.After.GetValueOrDefault(name)?.File;
        var entries = window.SelectMany(step => step.After.Where(pair => pair.Key == name || (file is not null && pair.Value.File == file)).Select(pair => pair.Value)).ToList();
        var allowed = entries.Where(entry => entry.Closed is not null).Select(entry => entry.Closed!.Hash).ToHashSet();
        var mayLack = entries.Any(entry => entry.Closed is null) || window.Any(step => !step.After.ContainsKey(name));
        var published = _bucket.GetValueOrDefault(seen.Path);
        var hash = HashOf(seen.Bytes);

        if (seen.State is "interrupted" or "incomplete")
        {
            // Its bytes are the user's to judge; what counts is what the bucket has, and what was fsynced before.
            if (!entries.Any(entry => entry.IsOpen) && allowed.Count < 2 && !mayLack)
                yield return new Finding(Fault.Lost, $"{seen.Path} is {seen.State} although it was closed and acknowledged");
            if (published is null && !mayLack) yield return new Finding(Fault.Lost, $"{seen.Path} is {seen.State} and the version that was acknowledged is not in the bucket");
            if (published is not null && !allowed.Contains(published)) yield return Misplaced(seen.Path, published, window);
            if (published is null && window[0].After.TryGetValue(name, out var known) && known.File == file && !seen.Bytes.AsSpan().StartsWith(known.Synced.Span))
                yield return new Finding(Fault.Lost, $"{seen.Path} is {seen.State} and lacks bytes that were fsynced: {seen.Bytes.Length} of {known.Synced.Length}");
            yield break;
        }

        if (!allowed.Contains(hash)) yield return Misplaced(seen.Path, hash, window);
        if (published is null) yield return new Finding(Fault.Wrong, $"{seen.Path} is {seen.State} and not in the bucket");
        else if (published != hash) yield return new Finding(allowed.Contains(published) ? Fault.Wrong : Fault.Torn, $"{seen.Path}: the bucket holds something else than the drive ({seen.State})");
    }

    private Finding Misplaced(string path, string hash, List<Step> window)
    {
        var when = histories.Select(history => history.ClosedIn(hash)).FirstOrDefault(step => step is not null);
        return when is { } step
            ? new Finding(Fault.Lost, $"{path} holds what was closed in step {step}, before the one that was acknowledged ({window[0].What})")
            : new Finding(Fault.Torn, $"{path} holds what nobody ever closed");
    }

    private void CheckKeys()
    {
        var shown = recovered.Names.ToDictionary(name => name.IsFolder ? name.Path + "/" : name.Path);
        foreach (var key in _bucket.Keys.Where(key => !shown.ContainsKey(key))) _findings.Add(new Finding(Fault.Wrong, $"{key} is in the bucket and not in the drive"));
    }
}
