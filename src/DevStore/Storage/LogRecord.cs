using System.Text.Json.Serialization;

namespace SyncAgent.DevStore;

/// <summary>One committed change. The metadata log is a list of these; replaying it gives the catalog.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(FormatMark), "format")]
[JsonDerivedType(typeof(BucketSet), "bucket")]
[JsonDerivedType(typeof(BucketDropped), "bucket-")]
[JsonDerivedType(typeof(ObjectSet), "object")]
[JsonDerivedType(typeof(ObjectDropped), "object-")]
[JsonDerivedType(typeof(VersionDropped), "version-")]
[JsonDerivedType(typeof(UploadStarted), "upload")]
[JsonDerivedType(typeof(PartSet), "part")]
[JsonDerivedType(typeof(UploadDropped), "upload-")]
[JsonDerivedType(typeof(UploadCompleted), "complete")]
internal abstract record LogRecord
{
    /// <summary>First record of every log: refuses files that a later version wrote.</summary>
    internal sealed record FormatMark(int Version) : LogRecord
    {
        public const int Current = 1;
    }

    internal sealed record BucketSet(BucketRecord Bucket) : LogRecord;

    internal sealed record BucketDropped(string Name) : LogRecord;

    internal sealed record ObjectSet(ObjectRecord Object) : LogRecord;

    internal sealed record ObjectDropped(string Bucket, string Key) : LogRecord;

    /// <summary>Like <see cref="ObjectDropped"/>, for any version of a bucket with versioning.</summary>
    internal sealed record VersionDropped(string Bucket, string Key, string? VersionId) : LogRecord;

    internal sealed record UploadStarted(UploadRecord Upload) : LogRecord;

    internal sealed record PartSet(string UploadId, PartRecord Part) : LogRecord;

    internal sealed record UploadDropped(string UploadId) : LogRecord;

    /// <summary>One record, so that the object appears and the upload ends at the same moment.</summary>
    internal sealed record UploadCompleted(string UploadId, ObjectRecord Object) : LogRecord;
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LogRecord))]
internal sealed partial class LogRecordJson : JsonSerializerContext;
