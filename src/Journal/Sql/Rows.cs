using Microsoft.Data.Sqlite;

namespace SyncAgent.Journal.Sql;

/// <summary>Column lists and the one mapping of each row.</summary>
internal static class Rows
{
    public const string NodeColumns =
        "id,drive,parent,name,type,mode,uid,gid,atime,mtime,ctime,target,size,content,open,attributes," +
        "r_key,r_etag,r_version,r_crc,r_size,r_time,r_generation,r_attributes,r_proof,changed,pending,due,attempts,cancels,problem,error,xattrs,flags";

    public const string GenerationColumns =
        "id,node,staging,state,base,base_generation,base_key,base_etag,base_size,size,crc,sealed,folding,since";

    public const string UploadColumns = "id,drive,node,generation,key,upload_id,part_size,size,phase,created,check_sum";

    public const string PartColumns = "upload,number,offset,length,crc,etag,check_sum";

    public const string DoomedColumns =
        "id,drive,key,r_etag,r_version,r_crc,r_size,r_time,changed,due,attempts,problem,error,cause,since,confirmed,trash";

    public const string InsertNode = "INSERT " + IntoNode;

    public const string ReplaceNode = "INSERT OR REPLACE " + IntoNode;

    private const string IntoNode =
        "INTO node(" + NodeColumns + ",fold) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22," +
        "$23,$24,$25,$26,$27,$28,$29,$30,$31,$32,$33,$34,$35)";

    public static object?[] NodeValues(NodeRow node, long changed)
    {
        var r = node.Remote;
        return
        [
            node.Id, node.Drive, node.Parent, node.Name, (int)node.Type, (long)node.Mode, (long)node.Uid, (long)node.Gid,
            node.AccessTime, node.ModifyTime, node.ChangeTime, node.Target, node.Size, node.Content, node.Open, node.AttributeVersion,
            r?.Key, r?.ETag, r?.Version, Crc(r?.Crc), r?.Size, r?.Time, r?.Generation, r?.AttributeVersion, (int?)r?.Proof,
            changed, node.Pending ? 1 : 0, node.Due, node.Attempts, node.Cancels, (int)node.Problem, node.Error, node.ExtendedAttributes, (long)node.Flags,
            NameFolding.Fold(node.Name),
        ];
    }

    public static NodeRow Node(SqliteDataReader r) => new()
    {
        Id = r.GetInt64(0),
        Drive = r.GetInt64(1),
        Parent = r.GetInt64(2),
        Name = r.GetString(3),
        Type = (NodeType)r.GetInt32(4),
        Mode = (uint)r.GetInt64(5),
        Uid = (uint)r.GetInt64(6),
        Gid = (uint)r.GetInt64(7),
        AccessTime = r.GetInt64(8),
        ModifyTime = r.GetInt64(9),
        ChangeTime = r.GetInt64(10),
        Target = Text(r, 11),
        Size = r.GetInt64(12),
        Content = Number(r, 13),
        Open = Number(r, 14),
        AttributeVersion = r.GetInt64(15),
        Remote = r.IsDBNull(16)
            ? null
            : new RemoteState(
                r.GetString(16), Text(r, 17), Text(r, 18), Crc(r, 19), r.GetInt64(20), r.GetInt64(21), Number(r, 22), r.GetInt64(23), (Proof)r.GetInt32(24)),
        Changed = r.GetInt64(25),
        Pending = r.GetInt64(26) != 0,
        Due = r.GetInt64(27),
        Attempts = r.GetInt32(28),
        Cancels = r.GetInt32(29),
        Problem = (Problem)r.GetInt32(30),
        Error = Text(r, 31),
        ExtendedAttributes = Text(r, 32),
        Flags = (NodeFlags)r.GetInt64(33),
    };

    public static Generation Generation(SqliteDataReader r) => new()
    {
        Id = r.GetInt64(0),
        Node = r.GetInt64(1),
        Staging = r.GetString(2),
        State = (GenerationState)r.GetInt32(3),
        Base = (BaseKind)r.GetInt32(4),
        BaseGeneration = Number(r, 5),
        BaseKey = Text(r, 6),
        BaseETag = Text(r, 7),
        BaseSize = r.GetInt64(8),
        Size = r.GetInt64(9),
        Crc = Crc(r, 10),
        SealedSequence = r.GetInt64(11),
        Folding = r.GetInt64(12) != 0,
        Since = Number(r, 13),
    };

    public static UploadRow Upload(SqliteDataReader r)
    {
        var row = new UploadRow(
            r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetString(4), Text(r, 5), r.GetInt64(6), r.GetInt64(7),
            (UploadPhase)r.GetInt32(8), r.GetInt64(9), true);
        return row with { Intact = RowChecksum.Of(row) == r.GetInt64(10) };
    }

    public static PartRow Part(SqliteDataReader r)
    {
        var row = new PartRow(
            r.GetInt64(0), r.GetInt32(1), r.GetInt64(2), r.GetInt64(3), unchecked((ulong)r.GetInt64(4)), r.GetString(5), true);
        return row with { Intact = RowChecksum.Of(row) == r.GetInt64(6) };
    }

    public static DoomedKey Doomed(SqliteDataReader r) => new()
    {
        Id = r.GetInt64(0),
        Drive = r.GetInt64(1),
        Key = r.GetString(2),
        Remote = new RemoteState(r.GetString(2), Text(r, 3), Text(r, 4), Crc(r, 5), r.GetInt64(6), r.GetInt64(7), null, 0, Proof.Listed),
        Changed = r.GetInt64(8),
        Due = r.GetInt64(9),
        Attempts = r.GetInt32(10),
        Problem = (Problem)r.GetInt32(11),
        Error = Text(r, 12),
        Cause = (DoomCause)r.GetInt32(13),
        Since = r.GetInt64(14),
        Confirmed = r.GetInt64(15) != 0,
        TrashKey = Text(r, 16),
    };

    public static DriveRow Drive(SqliteDataReader r) => new(
        r.GetInt64(0), r.GetInt64(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5), r.GetString(6), r.GetString(7));

    public static object? Crc(ulong? crc) => crc is { } value ? unchecked((long)value) : null;

    public static string? Text(SqliteDataReader r, int i) => r.IsDBNull(i) ? null : r.GetString(i);

    public static long? Number(SqliteDataReader r, int i) => r.IsDBNull(i) ? null : r.GetInt64(i);

    private static ulong? Crc(SqliteDataReader r, int i) => r.IsDBNull(i) ? null : unchecked((ulong)r.GetInt64(i));
}
