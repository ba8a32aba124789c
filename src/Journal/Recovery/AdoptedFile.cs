namespace SyncAgent.Journal;

/// <summary>A staging file that no row knows, with what it says of itself.</summary>
/// <param name="Staging">Its name.</param>
/// <param name="Mark">Its mark, with drive and path.</param>
/// <param name="Length">Bytes of the file.</param>
/// <param name="HasMap">Whether an extent log stands beside it.</param>
internal sealed record AdoptedFile(string Staging, StagingMark Mark, long Length, bool HasMap)
{
    /// <summary>Whether it holds all that its last close said, as far as it can be told without reading it: the bytes are those of this run
    /// of the machine, or a checksum will show whether they are.</summary>
    /// <param name="boot">This run of the machine.</param>
    public bool IsClosed(string boot) => Mark.State is GenerationState.Sealed or GenerationState.Flushed && Mark.Base switch
    {
        BaseKind.None => Length == Mark.Size && (Mark.Crc is not null || Mark.Boot == boot),
        BaseKind.Local => HasMap && (Mark.Crc is not null || Mark.Boot == boot),
        _ => IsReadable && Mark.Boot == boot, // what only the bucket has cannot be summed up here
    };

    /// <summary>Whether it says where the bytes are that it does not hold.</summary>
    public bool IsReadable => Mark.Base switch
    {
        BaseKind.None => true,
        BaseKind.Local => HasMap && Mark.BaseGeneration is not null,
        _ => HasMap && Mark is { BaseKey: not null, BaseETag: not null },
    };

    /// <summary>Whether nothing was written into it yet.</summary>
    public bool IsUntouched => Length == 0 && !HasMap && Mark.State == GenerationState.Open;

    /// <summary>Its row.</summary>
    /// <param name="state">What it counts as.</param>
    public Generation ToGeneration(GenerationState state) => new()
    {
        Id = Mark.Generation,
        Node = Mark.Node,
        Staging = Staging,
        State = state,
        Base = Mark.Base,
        BaseGeneration = Mark.Base == BaseKind.Local ? Mark.BaseGeneration : null,
        BaseKey = Mark.Base == BaseKind.Remote ? Mark.BaseKey : null,
        BaseETag = Mark.Base == BaseKind.Remote ? Mark.BaseETag : null,
        BaseSize = Mark.Base == BaseKind.None ? 0 : Mark.BaseSize,
        Size = state == GenerationState.Sealed || Mark.Base != BaseKind.None ? Mark.Size : Length,
        Crc = state == GenerationState.Sealed ? Mark.Crc : null,
    };
}

/// <summary>All staging files of one node that no row knows, newest generation first.</summary>
internal sealed record AdoptedNode(IReadOnlyList<AdoptedFile> Files)
{
    /// <summary>What the newest one says counts for the node: its place and its attributes.</summary>
    public StagingMark Newest => Files[0].Mark;
}
