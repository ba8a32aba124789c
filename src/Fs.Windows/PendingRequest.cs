using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows;

/// <summary>A request that was answered with STATUS_PENDING, and is to be answered once more.</summary>
internal readonly unsafe struct PendingRequest
{
    private readonly FspApi _api;
    private readonly FspFileSystem* _fileSystem;
    private readonly uint _kind;
    private readonly ulong _hint;

    private PendingRequest(FspApi api, FspFileSystem* fileSystem, in TransactRequest request)
    {
        (_api, _kind, _hint) = (api, request.Kind, request.Hint);
        _fileSystem = fileSystem;
    }

    /// <summary>The request that the current thread carries out.</summary>
    public static PendingRequest OfThisThread(FspApi api, FspFileSystem* fileSystem) => new(api, fileSystem, *api.GetOperationContext()->Request);

    /// <summary>Answers it, from whatever thread.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="information">Bytes.</param>
    public void Answer(int status, uint information)
    {
        var response = new TransactResponse
        {
            Size = TransactResponse.Length,
            Kind = _kind,
            Hint = _hint,
            Status = status,
            Information = information,
        };
        _api.SendResponse(_fileSystem, &response);
    }
}
