namespace SyncAgent.Agent.Composition;

/// <summary>
/// Whether the parts that an agent cannot do without still move: the writer of the journal, and of each drive the kernel's side and the
/// planning of transfers. A part that answers with an error moves; a restart would not help it. There is one question at a time to each.
/// </summary>
internal sealed class VitalSigns(AgentHost host, TimeProvider time)
{
    private const string AnyValue = "machine_id";

    private readonly Dictionary<object, Task> _asked = [];

    /// <summary>Asks all, and returns the names of those that did not answer in time. One caller at a time.</summary>
    public async Task<IReadOnlyList<string>> FindSilentAsync(TimeSpan atMost)
    {
        var drives = host.Drives;
        foreach (var gone in _asked.Keys.Where(key => key is ILiveDrive drive && !drives.Contains(drive)).ToList()) _asked.Remove(gone);
        // A value of the journal is read on the writer's connection, when it is its turn: behind a commit that hangs it never is.
        var questions = new List<(string Name, Task Answer)> { ("the journal", Ask(host.Journal, () => Task.Run(() => host.Journal.GetValue(AnyValue)))) };
        questions.AddRange(drives.Select(drive => ($"the drive at {drive.Row.MountPoint}", Ask(drive, drive.AnswersAsync))));
        await Task.WhenAll(questions.Select(question => question.Answer)).WaitAsync(atMost, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return [.. questions.Where(question => !question.Answer.IsCompleted).Select(question => question.Name)];
    }

    private Task Ask(object part, Func<Task> question)
    {
        if (_asked.TryGetValue(part, out var pending) && !pending.IsCompleted) return pending;
        return _asked[part] = question();
    }
}
