using SyncAgent.Bench.Contenders;

namespace SyncAgent.Bench.Workloads;

/// <summary>Something that every contender does in turn.</summary>
internal abstract class Workload
{
    /// <summary>Short name, for <c>--only</c> and goals.</summary>
    public abstract string Name { get; }

    /// <summary>Heading in the report.</summary>
    public abstract string Title { get; }

    /// <summary>What is done and timed.</summary>
    public abstract string About { get; }

    /// <summary>The figures that are drawn.</summary>
    public abstract IReadOnlyList<string> Drawn { get; }

    /// <summary>Most rounds, where one takes long.</summary>
    public virtual int MostRounds => int.MaxValue;

    /// <summary>Bytes that are uploaded at once as a bare sender could, 0 where that is not what is done.</summary>
    public virtual long Sent => 0;

    /// <summary>Who takes part, the limit first.</summary>
    public abstract IReadOnlyList<string> Contenders { get; }

    /// <summary>Lets a contender do it once.</summary>
    /// <returns>Its figures by name and unit: the smaller, the better.</returns>
    public abstract Task<Figures> RunAsync(string contender, Trial trial);
}

/// <summary>Figures of one run, by name.</summary>
internal sealed class Figures : Dictionary<string, double>
{
    public const string Closed = "close returned, s";
    public const string Returned = "command ended, s";
    public const string Stored = "in the bucket, s";
    public const string Cpu = "processor, s";
    public const string CpuPerGib = "processor, s per GiB";
    public const string Peak = "peak RSS, MiB";
    public const string RequestsPerFile = "requests per file";
    public const string RequestsPerName = "requests per file or folder";
}
