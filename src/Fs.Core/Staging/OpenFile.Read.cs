using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

internal sealed partial class OpenFile
{
    /// <summary>An object that changes faster than it can be read is given up after so many versions.</summary>
    private const int MostVersions = 8;

    /// <summary>Bytes that came and were dropped again before they were read, so often in a row, are read past the cache.</summary>
    private const int MostVain = 3;

    /// <summary>Reads; completes at once when all bytes are local.</summary>
    public ValueTask<FsResult<int>> ReadAsync(OpContext context, long offset, Memory<byte> buffer)
    {
        var done = 0;
        try
        {
            return TryReadLocal(offset, buffer.Span, waited: false, ref done) is { } missing
                ? new ValueTask<FsResult<int>>(ReadRemoteAsync(context, offset, buffer, done, missing))
                : new ValueTask<FsResult<int>>(done);
        }
        catch (IOException e)
        {
            return new ValueTask<FsResult<int>>(FsErrors.From(e));
        }
    }

    /// <summary>Another version takes the place of the remote one that is read, in this node: only while no byte of that was given out
    /// and nothing local stands above it. Called under the tree's lock.</summary>
    public bool TryAdopt(RemoteState remote)
    {
        lock (_lock)
        {
            if (_generation is not null || _node.Content is not null || _node.ServedETag is not null) return false;
            CloseBelowNeedsLock();
            _node.Remote = remote;
            _node.Size = remote.Size;
            PinRemoteNeedsLock();
            return true;
        }
    }

    /// <summary>Whether the pages that the kernel has of this file, if any, are of what a new handle will read. Called under the tree's
    /// lock by the open of that handle.</summary>
    public bool KeepsPages()
    {
        lock (_lock)
        {
            if (_generation is not null || _node.Content is not null || _node.ServedETag is null || _node.ServedETag == _node.Remote?.ETag) return true;
            if (Handles == 1) _node.ServedETag = null; // they are dropped with this open, and nobody else has the file open
            return false;
        }
    }

    private async Task<FsResult<int>> ReadRemoteAsync(OpContext context, long offset, Memory<byte> buffer, int done, MissingRange first)
    {
        MissingRange? missing = first;
        var (vain, versions) = (0, 0);
        try
        {
            while (missing is { } range)
            {
                var before = done;
                try
                {
                    if (vain >= MostVain || !await range.Content.FetchAsync(range.Offset, range.Length, context.Cancellation))
                    {
                        var part = buffer.Slice(done, range.Length);
                        await range.Content.ReadThroughAsync(range.Offset, part, context.Cancellation);
                        if (TryServe(range.Content))
                        {
                            done += part.Length;
                            _services.Remotes.CountRead(part.Length, waited: true);
                        }
                    }
                }
                catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound or StoreErrorKind.PreconditionFailed)
                {
                    // Moved by our own transfer layer, or not read by anybody yet: read on with what is there now.
                    if (++versions > MostVersions) return FsErrors.From(e);
                    if (!TryFollow(range.Content) && !await _services.Versions.TryRenewAsync(_node, range.Content, context.Cancellation)) return FsErrors.From(e);
                }
                finally
                {
                    _services.Remotes.Close(range.Content);
                }

                missing = TryReadLocal(offset, buffer.Span, waited: true, ref done);
                vain = done > before ? 0 : vain + 1;
            }

            _services.Troubles.Clear(_node);
            return done;
        }
        catch (OperationCanceledException)
        {
            return FsError.Interrupted;
        }
        catch (StoreException e)
        {
            return _services.Troubles.Note(_node, FsErrors.From(e));
        }
        catch (IOException e)
        {
            return FsErrors.From(e);
        }
    }

    /// <summary>Reads local bytes from <paramref name="offset"/> + <paramref name="done"/> on. Returns what must be fetched first, its
    /// content retained, or null when the buffer is full or the file ends. <paramref name="waited"/> says that the reader has waited for some
    /// of it.</summary>
    private MissingRange? TryReadLocal(long offset, Span<byte> buffer, bool waited, ref int done)
    {
        lock (_lock)
        {
            var end = Math.Min(_node.Size, offset + buffer.Length);
            while (offset + done < end)
            {
                var at = offset + done;
                var part = buffer[done..(int)(end - offset)];
                if (_generation is not null)
                {
                    var piece = _log is null ? new Extent(at, end, ExtentOwner.Overlay) : _log.Map.At(at, end);
                    part = part[..(int)piece.Length];
                    if (piece.Owner != ExtentOwner.Base)
                    {
                        if (piece.Owner == ExtentOwner.Overlay) LocalFile.ReadFully(_file!, at, part);
                        else part.Clear();
                        done += part.Length;
                        continue;
                    }
                }

                var count = ReadBelowNeedsLock(at, waited, ref part);
                if (count == 0) return MissingNeedsLock(at, part.Length);
                done += count;
            }

            return null;
        }
    }

    // Retained, so that what others do to this file meanwhile does not end the fetch.
    private MissingRange MissingNeedsLock(long offset, int length)
    {
        _services.Remotes.Retain(_remote!);
        return new MissingRange(_remote!, offset, length);
    }

    /// <summary>Whether bytes of a content that were read outside the lock may still be given out; takes note that they are.</summary>
    private bool TryServe(RemoteContent content)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_remote, content)) return false;
            _node.ServedETag = content.ETag;
            return true;
        }
    }

    /// <summary>Whether the journal knows another place for the bytes below: a rename or a finished upload of ours moved them. Reading
    /// starts there again.</summary>
    private bool TryFollow(RemoteContent content)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_remote, content)) return true; // another reader has found out
            var (key, etag) = (content.Key, content.ETag);
            if (_generation is not null)
            {
                if (_services.Reader.Generation(_generation.Id) is not { } row) return false;
                if (row.Base == _generation.Base && row.BaseKey == key && row.BaseETag == etag) return false;
                _generation = _generation with
                {
                    Base = row.Base, BaseGeneration = row.BaseGeneration, BaseKey = row.BaseKey, BaseETag = row.BaseETag,
                };
            }
            else if (_node.Content is { } sealedContent)
            {
                if (_services.Reader.Generation(sealedContent) is not { } row || (row.BaseKey == key && row.BaseETag == etag)) return false;
            }
            else
            {
                if (_services.Reader.Node(_node.Id)?.Remote is not { ETag: not null } remote || (remote.Key == key && remote.ETag == etag)) return false;
                _node.Remote = remote;
            }

            CloseBelowNeedsLock();
            return true;
        }
    }

    /// <summary>Reads from the sealed generation or the remote object; 0 when the bytes must be fetched into <see cref="_remote"/>, the
    /// buffer then cut to what comes from there.</summary>
    private int ReadBelowNeedsLock(long offset, bool waited, ref Span<byte> buffer)
    {
        OpenBelowNeedsLock();
        if (_sealed is not null)
        {
            var piece = _sealed.Map?.At(offset, offset + buffer.Length) ?? new Extent(offset, offset + buffer.Length, ExtentOwner.Overlay);
            if (piece.Owner != ExtentOwner.Base || _sealed.Generation.Base != BaseKind.Remote)
            {
                return _sealed.Read(offset, buffer[..(int)piece.Length]);
            }

            buffer = buffer[..(int)piece.Length];
        }

        if (_remote is null) throw new IOException("nothing is known that could hold these bytes");
        var count = _remote.TryRead(offset, buffer);
        if (count == 0) return 0;
        _node.ServedETag = _remote.ETag;
        _services.Remotes.CountRead(count, waited);
        return count;
    }

    private void OpenBelowNeedsLock()
    {
        if (_sealed is not null || _remote is not null) return;

        // The rows read here may still be queued: their commit touches no lock of this project, so it is safe to wait for under one.
        if (_services.Journal.CommittedSequence < _node.SealSequence) _services.Journal.WaitCommitted(_node.SealSequence);
        var content = _generation is null ? _node.Content : _generation.BaseGeneration;
        if (content is { } id)
        {
            var source = _services.Reader.Content(id) ?? throw new IOException($"generation {id} is not in the journal");
            _sealed = ContentReader.Open(_services.Journal.Files, source);
            if (source.Generation is { Base: BaseKind.Remote, BaseKey: { } key, BaseETag: { } etag })
            {
                _remote = _services.Remotes.Open(key, etag, source.Generation.BaseSize);
            }
        }
        else if (_generation is { Base: BaseKind.Remote, BaseKey: { } baseKey, BaseETag: { } baseETag })
        {
            _remote = _services.Remotes.Open(baseKey, baseETag, _generation.BaseSize);
        }
        else if (_generation is null && _node.Remote is { ETag: { } remoteETag } remote)
        {
            PinRemoteNeedsLock(); // it may have moved since the file was opened
            _remote = _services.Remotes.Open(remote.Key, remoteETag, remote.Size);
        }
    }

    /// <summary>Bytes of a remote version that are not here.</summary>
    private readonly record struct MissingRange(RemoteContent Content, long Offset, int Length);
}
