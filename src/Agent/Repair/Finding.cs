namespace SyncAgent.Agent.Repair;

/// <summary>How much a finding matters.</summary>
internal enum FindingLevel
{
    /// <summary>Worth knowing; nothing is wrong.</summary>
    Note,

    /// <summary>Something is wrong, or soon will be.</summary>
    Problem,
}

/// <summary>What a check found.</summary>
/// <param name="Text">What it is, in a sentence.</param>
/// <param name="Remedy">What to do about it, in a sentence.</param>
/// <param name="Level">How much it matters.</param>
internal sealed record Finding(string Text, string Remedy, FindingLevel Level = FindingLevel.Problem)
{
    /// <summary>Puts it right and says what was done; null where that is not safe to do unasked.</summary>
    public Func<CancellationToken, Task<string>>? Fix { get; init; }
}

/// <summary>What came of a check: its findings, or why it was not made.</summary>
internal sealed record CheckOutcome(IReadOnlyList<Finding> Findings, string? Skipped = null)
{
    /// <summary>All is as it should be.</summary>
    public static CheckOutcome Fine { get; } = new([]);

    /// <summary>The check was not made.</summary>
    public static CheckOutcome Skip(string why) => new([], why);

    /// <summary>Findings, null ones left out.</summary>
    public static CheckOutcome Of(params IEnumerable<Finding?> findings) => new([.. findings.OfType<Finding>()]);
}

/// <summary>One thing that can be wrong.</summary>
internal interface ICheck
{
    /// <summary>What it looks at, in a few words.</summary>
    string Name { get; }

    /// <summary>Looks, and changes nothing.</summary>
    Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop);
}
