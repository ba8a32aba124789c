using SyncAgent.DevStore;
using SyncAgent.Store;

namespace SyncAgent.Transfer.Tests;

/// <summary>A later call goes on where an earlier one was stopped, or begins anew where it must.</summary>
public sealed class FileResumeTests : IAsyncLifetime
{
    private const int Part = UploadRig.Part;
    private const int Size = (12 * Part) + 77;

    private UploadRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await UploadRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(PartChecksum.Md5)]
    [InlineData(PartChecksum.Crc64)]
    public async Task Only_what_is_missing_is_sent_again_whatever_the_gaps(PartChecksum checksum)
    {
        var options = _rig.Options with { Transfer = _rig.Options.Transfer with { Checksum = checksum } };
        var path = _rig.MakeFile("file", Size, 1);
        var missing = await _rig.InterruptAsync(path, "k", hanging: 3, until: 10, options);
        Assert.Contains(3, missing);
        Assert.InRange(missing.Count, 1, 7); // parts 1, 2 and four more have been recorded
        var id = _rig.Open.Single().UploadId;
        Assert.Equal(id, _rig.Known.Single().UploadId);

        var receipt = await _rig.Uploader(options).UploadAsync(path, "k", cancellationToken: default);
        Assert.Equal(missing, _rig.PartsSent);
        Assert.All(_rig.Calls("UploadPart"), call => Assert.Equal(id, call.UploadId));
        Assert.Equal(missing.Sum(number => new PartPlan(Size, Part).LengthOf(number)), receipt.SentBytes);
        Assert.Empty(_rig.Calls("InitiateMultipartUpload"));
        _rig.CheckObject("k", path);
        Assert.Equal((0, 0), (_rig.Open.Count, _rig.Known.Count));
    }

    [Fact]
    public async Task A_list_of_more_than_a_thousand_parts_is_read_to_its_end()
    {
        const int count = 1030;
        var options = _rig.Options with
        {
            Transfer = _rig.Options.Transfer with { PartSize = 100 * 1024, ParallelParts = 8, Checksum = PartChecksum.Crc64 },
        };
        var path = _rig.MakeFile("file", count * 100L * 1024, 1);
        var missing = await _rig.InterruptAsync(path, "k", hanging: 1015, until: 1029, options);
        Assert.Contains(1015, missing);
        Assert.InRange(missing.Count, 1, 15);
        await _rig.Uploader(options).UploadAsync(path, "k", cancellationToken: default);
        Assert.Equal(2, _rig.Calls("ListParts").Count());
        Assert.Equal(missing, _rig.PartsSent);
        _rig.CheckObject("k", path);
        Assert.Empty(_rig.Open);
    }

    [Theory]
    [InlineData("ListParts")]
    [InlineData("UploadPart")]
    [InlineData("CompleteMultipartUpload")]
    public async Task An_upload_that_the_store_has_lost_begins_anew(string operation)
    {
        var path = _rig.MakeFile("file", Size, 1);
        await _rig.InterruptAsync(path, "k", hanging: 3, until: 8);
        var id = _rig.Open.Single().UploadId;
        _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.VanishUpload, Operation = operation });
        var receipt = await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default);
        Assert.Equal((Size, false), (receipt.SentBytes, receipt.PossiblyOpen));
        Assert.NotEqual(id, _rig.Calls("CompleteMultipartUpload").Last().UploadId);
        _rig.CheckObject("k", path);
        Assert.Equal((0, 0), (_rig.Open.Count, _rig.Known.Count));
    }

    [Theory]
    [InlineData("ListParts")]
    [InlineData("CompleteMultipartUpload")]
    [InlineData("UploadPart")]
    public async Task Passing_trouble_while_going_on_does_not_lose_what_is_there(string operation)
    {
        var path = _rig.MakeFile("file", Size, 1);
        var missing = await _rig.InterruptAsync(path, "k", hanging: 3, until: 8);
        var trouble = _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Operation = operation, Times = 2 });
        await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default);
        Assert.Equal(2, trouble.Hits);
        Assert.Equal(missing, _rig.PartsSent);
        _rig.CheckObject("k", path);
        Assert.Empty(_rig.Open);
    }

    [Theory]
    [InlineData("replaced")]
    [InlineData("replaced, times kept")]
    [InlineData("changed in place, times kept")]
    [InlineData("grown")]
    [InlineData("shrunk")]
    [InlineData("small")]
    public async Task Another_file_begins_anew_and_the_old_upload_is_aborted(string change)
    {
        var path = _rig.MakeFile("file", Size, 1);
        await _rig.InterruptAsync(path, "k", hanging: 3, until: 8);
        var id = _rig.Open.Single().UploadId;
        Change(path, change);
        var receipt = await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default);
        Assert.Equal(new FileInfo(path).Length, receipt.SentBytes);
        Assert.Equal([id], _rig.Calls("AbortMultipartUpload").Select(call => call.UploadId));
        _rig.CheckObject("k", path);
        Assert.Equal((0, 0), (_rig.Open.Count, _rig.Known.Count));
    }

    [Fact]
    public async Task Other_options_begin_anew()
    {
        var path = _rig.MakeFile("file", Size, 1);
        await _rig.InterruptAsync(path, "k", hanging: 3, until: 8, how: new ObjectOptions { ContentType = "text/old" });
        await _rig.Uploader().UploadAsync(path, "k", new ObjectOptions { ContentType = "text/new" }, cancellationToken: default);
        Assert.Equal("text/new", _rig.CheckObject("k", path).ContentType);
        Assert.Empty(_rig.Open);
    }

    [Fact]
    public async Task A_part_that_the_store_has_otherwise_is_sent_again()
    {
        var path = _rig.MakeFile("file", Size, 1);
        var missing = await _rig.InterruptAsync(path, "k", hanging: 3, until: 8);
        var number = Enumerable.Range(1, 13).First(n => !missing.Contains(n));
        var content = new ForeignPart(UploadRig.Bytes(Part, 99));
        await _rig.Store.UploadPartAsync("k", _rig.Open.Single().UploadId, number, content, default);
        _rig.Server.Log.Clear();
        await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default);
        Assert.Equal(missing.Append(number).Order(), _rig.PartsSent);
        _rig.CheckObject("k", path);
    }

    /// <summary>Killed after the store had completed the upload, before that was noted.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_completion_that_nobody_noted_is_recognised(bool forbidOverwrite)
    {
        var path = _rig.MakeFile("file", Size, 1);
        var options = new ObjectOptions { ForbidOverwrite = forbidOverwrite };
        using var cancel = new CancellationTokenSource();
        _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.LoseReply, Operation = "CompleteMultipartUpload" });
        var hang = _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.Hang, Operation = "ListParts" });
        var running = _rig.Uploader().UploadAsync(path, "k", options, cancellationToken: cancel.Token);
        await hang.WaitForHitsAsync(1, default).WaitAsync(UploadRig.Watchdog);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal((0, 1), (_rig.Open.Count, _rig.Known.Count));
        _rig.Server.Faults.Clear();
        await _rig.QuietAsync();
        _rig.Server.Log.Clear();

        var events = new Recorder();
        var receipt = await _rig.Uploader().UploadAsync(path, "k", options, events, default);
        Assert.Equal((0, Size, true), (receipt.SentBytes, receipt.Size, receipt.Confirmed));
        Assert.DoesNotContain(_rig.Server.Log.Entries, entry => entry.Operation is "UploadPart" or "InitiateMultipartUpload");
        events.CheckContract(Size);
        _rig.CheckObject("k", path);
        Assert.Empty(_rig.Known);
    }

    [Fact]
    public async Task A_key_that_somebody_took_meanwhile_is_not_overwritten_and_nothing_is_left()
    {
        var path = _rig.MakeFile("file", Size, 1);
        var options = new ObjectOptions { ForbidOverwrite = true };
        await _rig.InterruptAsync(path, "k", hanging: 3, until: 8, how: options);
        var other = _rig.MakeFile("other", 100, 2);
        await _rig.Store.PutAsync("k", new ForeignPart(File.ReadAllBytes(other)), ObjectOptions.None, default);
        _rig.Server.Log.Clear();
        var error = await Assert.ThrowsAsync<StoreException>(() => _rig.Uploader().UploadAsync(path, "k", options, cancellationToken: default));
        Assert.Equal(StoreErrorKind.AlreadyExists, error.Kind);
        Assert.Empty(_rig.PartsSent);
        _rig.CheckObject("k", other);
        Assert.Equal((0, 0), (_rig.Open.Count, _rig.Known.Count));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_stopped_upload_is_kept_only_with_a_checkpoint_that_is_wanted(bool keep, bool checkpoint)
    {
        var options = _rig.Options with { KeepOnCancel = keep, CheckpointFolder = checkpoint ? _rig.Checkpoints : null };
        var path = _rig.MakeFile("file", Size, 1);
        using var cancel = new CancellationTokenSource();
        var hang = _rig.Hang(3);
        var running = _rig.Uploader(options).UploadAsync(path, "k", cancellationToken: cancel.Token);
        await hang.WaitForHitsAsync(1, default).WaitAsync(UploadRig.Watchdog);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(UploadRig.Watchdog));
        var left = keep && checkpoint ? 1 : 0;
        Assert.Equal((left, left), (_rig.Open.Count, _rig.Known.Count));
        Assert.Equal(checkpoint, Directory.Exists(_rig.Checkpoints));
    }

    [Fact]
    public async Task Keys_that_may_not_abort_do_not_keep_a_file_from_being_sent()
    {
        var path = _rig.MakeFile("file", Size, 1);
        await _rig.InterruptAsync(path, "k", hanging: 3, until: 8);
        Change(path, "replaced");
        _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Operation = "AbortMultipartUpload", Status = 403, Code = "AccessDenied", Times = null });
        var receipt = await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default);
        Assert.True(receipt.PossiblyOpen); // it is told
        _rig.CheckObject("k", path);
        Assert.Single(_rig.Open);
    }

    [Fact]
    public async Task Wrong_keys_do_not_make_an_upload_forgotten()
    {
        var path = _rig.MakeFile("file", Size, 1);
        await _rig.InterruptAsync(path, "k", hanging: 3, until: 8);
        Change(path, "replaced");
        _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Status = 403, Code = "InvalidAccessKeyId", Times = null });
        await Assert.ThrowsAsync<StoreException>(() => _rig.Uploader().UploadAsync(path, "k", cancellationToken: default));
        Assert.Equal(_rig.Open.Single().UploadId, _rig.Known.Single().UploadId);
        _rig.Server.Faults.Clear();
        await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default);
        _rig.CheckObject("k", path);
        Assert.Equal((0, 0), (_rig.Open.Count, _rig.Known.Count));
    }

    private static void Change(string path, string how)
    {
        var times = File.GetLastWriteTimeUtc(path);
        switch (how)
        {
            case "grown":
                File.AppendAllText(path, new string('x', 3 * Part));
                return;
            case "shrunk":
                File.WriteAllBytes(path, File.ReadAllBytes(path)[..(Size - Part)]);
                return;
            case "small":
                File.WriteAllBytes(path, UploadRig.Bytes(1000, 2));
                return;
            case "replaced" or "replaced, times kept":
                File.WriteAllBytes(path + ".new", UploadRig.Bytes(Size, 2));
                if (how != "replaced") File.SetLastWriteTimeUtc(path + ".new", times);
                File.Move(path + ".new", path, overwrite: true);
                return;
            default:
                using (var file = new FileStream(path, FileMode.Open))
                {
                    file.Position = 5;
                    file.Write([1, 2, 3, 4, 5, 6, 7, 8]);
                }

                File.SetLastWriteTimeUtc(path, times);
                return;
        }
    }

    private sealed class ForeignPart(byte[] bytes) : ObjectContent
    {
        public override long Length => bytes.Length;

        public override Stream OpenRead() => new MemoryStream(bytes, writable: false);
    }
}
