using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Agent.Status;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Open multipart uploads that are paid for and that nobody goes on with: of a <c>put</c> whose file is gone or another by now.
/// Those of drives are the agent's, those possibly ours are named and left alone.</summary>
internal sealed class UploadsCheck : ICheck
{
    public string Name => "uploads left open";

    public async Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (patient.Drives.Count == 0) return CheckOutcome.Skip("no drives");
        if (patient.JournalTrouble is not null) return CheckOutcome.Skip("no journal that can be read");
        var known = await KnownUploads.ReadAsync(patient.State, stop);
        var findings = new List<Finding>();
        var skipped = 0;
        foreach (var drive in patient.Drives)
        {
            if (patient.SilentStores.Contains(drive.MountPoint) || Credentials.Missing(drive.Target, patient.Context.Environment) is not null) skipped++;
            else findings.AddRange(await LookAsync(drive, known, patient, stop));
        }

        return skipped == patient.Drives.Count ? CheckOutcome.Skip("the store cannot be asked") : CheckOutcome.Of(findings);
    }

    private static async Task<IReadOnlyList<Finding>> LookAsync(DriveTarget drive, KnownUploads known, DoctorCase patient, CancellationToken stop)
    {
        using var access = DirectTarget.Open(drive.Target, patient.Context);
        var findings = new List<Finding>();
        await foreach (var upload in OpenUploads.ListAsync(access.Store, drive.Target.Prefix, known, stop))
        {
            if (upload.Owner == UploadOwner.PossiblyOurs)
            {
                findings.Add(new Finding(
                    $"{upload.UploadId} of {upload.Key} ({ByteSize.Format(upload.Bytes)}) may be ours: the reply to its begin was lost",
                    $"If no other program sends that key: syncagent uploads abort {upload.UploadId}", FindingLevel.Note));
            }
            else if (upload.Owner == UploadOwner.Put && known.PutOf(upload.Key, upload.UploadId) is { } put && !IsUnchanged(put))
            {
                findings.Add(new Finding(
                    $"an upload of {upload.Key} holds {ByteSize.Format(upload.Bytes)}, and {put.Path}, which a put was sending, is {(File.Exists(put.Path) ? "another file now" : "gone")}",
                    $"syncagent uploads abort {upload.UploadId}")
                {
                    Fix = async token =>
                    {
                        using var again = DirectTarget.Open(drive.Target, patient.Context);
                        await known.ForgetAsync(put, () => again.Store.AbortMultipartAsync(upload.Key, upload.UploadId, token));
                        return $"aborted {upload.UploadId} of {upload.Key}";
                    },
                });
            }
        }

        return findings;
    }

    private static bool IsUnchanged(UploadRecord put)
    {
        try
        {
            return FileStamp.Of(put.Path) == put.Stamp;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
