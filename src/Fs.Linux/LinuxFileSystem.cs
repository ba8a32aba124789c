using Microsoft.Extensions.Logging;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux;

/// <summary>
/// Translates kernel requests into calls of <see cref="IFileSystem"/>, and back. It decides nothing and keeps nothing but what
/// the kernel was given: which files are open, and the snapshots of open directories.
/// <para>Every handler decodes its whole request before its first await, because the reply shares the buffer. A handler whose
/// call completes at once allocates nothing.</para>
/// </summary>
internal sealed partial class LinuxFileSystem(
    IFileSystem fileSystem, RequestPool requests, LinuxFileSystemSettings settings, ILogger logger, TimeProvider time)
{
    private readonly InFlightGate _gate = new();
    private readonly OpenHandles _open = new();
    private readonly DirectoryHandles _directories = new();

    /// <summary>Answers one request that has begun, and ends it. Never throws.</summary>
    public async ValueTask HandleAsync(FuseRequest request)
    {
        try
        {
            if (_gate.TryEnter())
            {
                try
                {
                    await DispatchAsync(request);
                }
                finally
                {
                    _gate.Leave();
                }
            }
            else
            {
                Refuse(request);
            }
        }
        catch (OperationCanceledException)
        {
            Fail(request, Errno.EINTR);
        }
        catch (Exception e)
        {
            LogHandlerFailed(request.Opcode, e);
            Fail(request, Errno.EIO);
        }
        finally
        {
            request.End();
        }
    }

    /// <summary>The connection is gone: ends the calls under way, then releases what the kernel can no longer release.</summary>
    public async Task CloseAsync()
    {
        var drained = _gate.CloseAsync();
        requests.InterruptAll();
        await drained;
        foreach (var handle in _open.TakeAll()) fileSystem.Abandoned(handle);
        _directories.Clear();
    }

    private ValueTask DispatchAsync(FuseRequest request) => request.Opcode switch
    {
        FuseOpcode.Read => ReadAsync(request),
        FuseOpcode.Write => WriteAsync(request),
        FuseOpcode.Lookup => LookupAsync(request),
        FuseOpcode.GetAttr => GetAttrAsync(request),
        FuseOpcode.SetAttr => SetAttrAsync(request),
        FuseOpcode.Open => OpenAsync(request),
        FuseOpcode.Create => CreateAsync(request),
        FuseOpcode.Flush => FlushAsync(request),
        FuseOpcode.Release => Release(request),
        FuseOpcode.FSync => FSyncAsync(request),
        FuseOpcode.OpenDir => OpenDirAsync(request),
        FuseOpcode.ReadDir => ReadDirAsync(request),
        FuseOpcode.ReadDirPlus => ReadDirPlusAsync(request),
        FuseOpcode.ReleaseDir => ReleaseDir(request),
        FuseOpcode.FSyncDir => FSyncDirAsync(request),
        FuseOpcode.MkNod => MkNodAsync(request),
        FuseOpcode.MkDir => MkDirAsync(request),
        FuseOpcode.Unlink => UnlinkAsync(request),
        FuseOpcode.RmDir => RmDirAsync(request),
        FuseOpcode.Rename => RenameAsync(request),
        FuseOpcode.Rename2 => Rename2Async(request),
        FuseOpcode.Symlink => SymlinkAsync(request),
        FuseOpcode.ReadLink => ReadLinkAsync(request),
        FuseOpcode.StatFs => StatFsAsync(request),
        FuseOpcode.GetXAttr => GetXAttrAsync(request),
        FuseOpcode.ListXAttr => ListXAttrAsync(request),
        FuseOpcode.SetXAttr => SetXAttrAsync(request),
        FuseOpcode.RemoveXAttr => RemoveXAttrAsync(request),
        FuseOpcode.FAllocate => FAllocateAsync(request),
        FuseOpcode.LSeek => LSeekAsync(request),
        FuseOpcode.CopyFileRange or FuseOpcode.CopyFileRange64 => CopyFileRangeAsync(request),
        FuseOpcode.Forget => Forget(request),
        FuseOpcode.BatchForget => BatchForget(request),
        FuseOpcode.Interrupt => InterruptAsync(request),
        FuseOpcode.NotifyReply => default, // never asked for; has no answer
        FuseOpcode.Destroy => Answer(request, Errno.None),
        FuseOpcode.Link => Answer(request, Errno.EPERM), // what link(2) says of a file system without hard links
        FuseOpcode.IoCtl => Answer(request, Errno.ENOTTY), // ENOSYS would be shown to programs that probe for a terminal

        // The kernel remembers ENOSYS and then does it itself (ACCESS, locks) or says that it is not supported (TMPFILE).
        _ => Answer(request, Errno.ENOSYS),
    };

    private static ValueTask Answer(FuseRequest request, Errno error)
    {
        request.Reply(error);
        return default;
    }

    private void Fail(FuseRequest request, FsError error)
    {
        if (error.Kind == FsErrorKind.Io) LogInputOutputError(request.Opcode, error.Message, error.Cause);
        request.Reply(ErrnoMap.ToErrno(error.Kind));
    }

    private static void Fail(FuseRequest request, Errno error)
    {
        if (!request.Answered && HasAnswer(request.Opcode)) request.Reply(error);
    }

    /// <summary>After closing: what gives something back is taken (and was given back by closing), all else fails as on a dead mount.</summary>
    private static void Refuse(FuseRequest request)
    {
        if (!HasAnswer(request.Opcode)) return;
        request.Reply(request.Opcode is FuseOpcode.Release or FuseOpcode.ReleaseDir ? Errno.None : Errno.ENOTCONN);
    }

    private static bool HasAnswer(FuseOpcode opcode) =>
        opcode is not (FuseOpcode.Forget or FuseOpcode.BatchForget or FuseOpcode.Interrupt or FuseOpcode.NotifyReply);

    private NodeId Node(FuseRequest request) => Node(request.KernelNode);

    private NodeId Node(ulong kernelNode) => kernelNode == FuseProtocol.RootId ? fileSystem.Root : new NodeId((long)kernelNode);

    private ulong KernelNode(NodeId node) => node == fileSystem.Root ? FuseProtocol.RootId : (ulong)node.Value;

    private void ReplyEntry(FuseRequest request, in FsResult<NodeAttributes> result)
    {
        if (result.Error is { } error)
        {
            Fail(request, error);
            return;
        }

        var node = result.Value;
        if (!request.Reply(AttributeEncoding.EncodeEntry(KernelNode(node.Id), node))) fileSystem.Forget(node.Id, 1);
    }

    private void ReplyNothing(FuseRequest request, in FsResult<Nothing> result)
    {
        if (result.Error is { } error) Fail(request, error);
        else request.Reply();
    }
}
