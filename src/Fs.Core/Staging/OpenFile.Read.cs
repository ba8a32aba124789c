using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

internal sealed partial class OpenFile
{
    /// <summary>Reads; completes at once when all bytes are local.</summary>
    public ValueTask<FsResult<int>> ReadAsync(OpContext context, long offset, Memory<byte> buffer)
    {
        var done = 0;
        try
        {
            return TryReadLocal(offset, buffer.Span, ref done) is { } missing
                ? new ValueTask<FsResult<int>>(ReadRemoteAsync(context, offset, buffer, done, missing))
                : new ValueTask<FsResult<int>>(done);
        }
        catch (IOException e)
        {
            return new ValueTask<FsResult<int>>(FsErrors.From(e));
        }
    }

    private async Task<FsResult<int>> ReadRemoteAsync(OpContext context, long offset, Memory<byte> buffer, int done, RemoteContent? missing)
    {
        try
        {
            while (missing is not null)
            {
                try
                {
                    await missing.FetchAsync(offset + done, context.Cancellation);
                }
                catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound or StoreErrorKind.PreconditionFailed && TryFollow())
                {
                    // moved by our own transfer layer: read on where it is now
                }

                missing = TryReadLocal(offset, buffer.Span, ref done);
            }

            return done;
        }
        catch (OperationCanceledException)
        {
            return FsError.Interrupted;
        }
        catch (StoreException e)
        {
            return FsErrors.From(e);
        }
        catch (IOException e)
        {
            return FsErrors.From(e);
        }
    }

    /// <summary>Reads local bytes from <paramref name="offset"/> + <paramref name="done"/> on. Returns the remote content that must be
    /// fetched first, or null when the buffer is full or the file ends.</summary>
    private RemoteContent? TryReadLocal(long offset, Span<byte> buffer, ref int done)
    {
        lock (_lock)
        {
            var end = Math.Min(_node.Size, offset + buffer.Length);
            while (offset + done < end)
            {
                var at = offset + done;
                var rest = buffer[done..(int)(end - offset)];
                if (_generation is not null)
                {
                    var piece = _log is null ? new Extent(at, end, ExtentOwner.Overlay) : _log.Map.At(at, end);
                    var part = rest[..(int)piece.Length];
                    if (piece.Owner == ExtentOwner.Base)
                    {
                        var read = ReadBelowNeedsLock(at, part);
                        if (read == 0) return _remote;
                        done += read;
                        continue;
                    }

                    if (piece.Owner == ExtentOwner.Overlay) LocalFile.ReadFully(_file!, at, part);
                    else part.Clear();
                    done += part.Length;
                    continue;
                }

                var count = ReadBelowNeedsLock(at, rest);
                if (count == 0) return _remote;
                done += count;
            }

            return null;
        }
    }

    /// <summary>Whether the journal knows another place for the bytes below: a rename or a finished upload of ours moved them. Reading
    /// starts there again.</summary>
    private bool TryFollow()
    {
        lock (_lock)
        {
            var (key, etag) = (_remote?.Key, _remote?.ETag);
            if (_generation is not null)
            {
                if (_services.Reader.Generation(_generation.Id) is not { } row) return false;
                if (row.Base == _generation.Base && row.BaseKey == key && row.BaseETag == etag) return false;
                _generation = _generation with
                {
                    Base = row.Base, BaseGeneration = row.BaseGeneration, BaseKey = row.BaseKey, BaseETag = row.BaseETag,
                };
            }
            else if (_node.Content is { } content)
            {
                if (_services.Reader.Generation(content) is not { } row || (row.BaseKey == key && row.BaseETag == etag)) return false;
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

    /// <summary>Reads from the sealed generation or the remote object; 0 when the bytes must be fetched into <see cref="_remote"/>.</summary>
    private int ReadBelowNeedsLock(long offset, Span<byte> buffer)
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
        return _remote.TryRead(offset, buffer);
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
            _remote = _services.Remotes.Open(remote.Key, remoteETag, remote.Size);
        }
    }
}
