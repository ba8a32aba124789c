namespace SyncAgent.Fs.Windows.Tests.Driver;

/// <summary>What NtCreateFile may do with a name.</summary>
internal enum Disposition
{
    Supersede = 0,
    Open = 1,
    Create = 2,
    OpenIf = 3,
    Overwrite = 4,
    OverwriteIf = 5,
}

/// <summary>A file as the driver knows it: by its name, for as long as somebody has it open.</summary>
internal sealed class FileNode(string path)
{
    public string Path { get; set; } = path;

    /// <summary>Handles of programs.</summary>
    public int Handles { get; set; }

    /// <summary>Open or mapped.</summary>
    public int References { get; set; }

    public bool DeletePending { get; set; }
}

/// <summary>FILE_OBJECT: an open of a file.</summary>
internal sealed class FileObject(FileNode node, nint context, uint access)
{
    public FileNode Node { get; } = node;

    public nint Context { get; } = context;

    public uint Access { get; } = access;

    public bool DeleteOnClose { get; init; }

    /// <summary>Sections that refer to it: CLOSE waits for them.</summary>
    public int Mapped { get; set; }

    public bool Modified { get; set; }

    public bool TimeSet { get; set; }

    public bool IsClosed { get; set; }
}
