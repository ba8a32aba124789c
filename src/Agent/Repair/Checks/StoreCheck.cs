using System.Globalization;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Agent.Status;
using SyncAgent.Store;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>
/// Whether each drive's store can be reached and lets the keys do what a drive does: name, connection and TLS; clock; signature, bucket and
/// the rights to list, read, write in parts and abort. Nothing is written: the right to write is asked with a part of an upload
/// that does not exist. Whether objects may be deleted cannot be asked without deleting.
/// </summary>
internal sealed class StoreCheck : ICheck
{
    private const string NoSuchUpload = "syncagent-doctor-asks-for-rights";

    /// <summary>The signature allows 15 minutes; the client corrects itself, but other programs of this machine do not.</summary>
    private static readonly TimeSpan LargestSkew = TimeSpan.FromMinutes(2);

    public string Name => "store";

    public async Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (patient.Drives.Count == 0) return CheckOutcome.Skip("no drives");
        var findings = new List<Finding>();
        foreach (var drive in patient.Drives) findings.AddRange(await LookAsync(drive, patient, stop));
        return CheckOutcome.Of(findings);
    }

    private static async Task<IReadOnlyList<Finding>> LookAsync(DriveTarget drive, DoctorCase patient, CancellationToken stop)
    {
        var target = drive.Target;
        var who = $"{drive.MountPoint} (bucket {target.Bucket} at {target.EndpointHost})";
        var findings = new List<Finding>();
        try
        {
            var reached = await EndpointProbe.ReachAsync(
                target.Store == TargetSettings.S3 ? EndpointProbe.AddressOf(target.ToS3Options()) : EndpointProbe.AddressOf(target.ToOssOptions()),
                target.Connection, patient.Context.Time, stop);
            var skew = reached.ServerTime - patient.Context.Time.GetUtcNow();
            if (skew is { } off && off.Duration() > LargestSkew)
            {
                findings.Add(new Finding(
                    string.Create(CultureInfo.InvariantCulture, $"{who}: this machine's clock is {off.Duration().TotalSeconds:0} s {(off > TimeSpan.Zero ? "behind" : "ahead of")} the store's"),
                    "Set the clock, and have it kept right: timedatectl set-ntp true"));
            }

            if (Credentials.Missing(target, patient.Context.Environment) is { } missing)
            {
                findings.Add(new Finding($"{who}: the keys cannot be tried: {missing}", "Run doctor with the keys that the agent has.", FindingLevel.Note));
                return findings;
            }

            using var access = DirectTarget.Open(target, patient.Context);
            findings.AddRange((await AskRightsAsync(access.Store, target.Prefix, stop)).Select(refused => new Finding($"{who}: {refused}", StoreRemedyForRights)));
        }
        catch (StoreException e)
        {
            patient.SilentStores.Add(drive.MountPoint);
            findings.Add(new Finding($"{who}: {e.Message.TrimEnd('.')}", e.Remedy));
        }

        return findings;
    }

    private const string StoreRemedyForRights = "\"Least permissions\" in docs/operations.md has the policy that a drive needs.";

    private static async Task<IReadOnlyList<string>> AskRightsAsync(IObjectStore store, string prefix, CancellationToken stop)
    {
        var key = $"{prefix}.syncagent/doctor-{Guid.NewGuid():n}";
        var refused = new List<string>();
        await AskAsync("list objects", async () => await store.ListAsync(new ListRequest(prefix, MaxKeys: 1), stop));
        await AskAsync("read objects", async () => await store.HeadAsync(key, stop));
        await AskAsync("write objects", () => store.UploadPartAsync(key, NoSuchUpload, 1, new EmptyPart(), stop));
        await AskAsync("list parts", () => store.ListPartsAsync(key, NoSuchUpload, 0, stop));
        await AskAsync("list uploads", () => store.ListUploadsAsync(prefix, null, null, stop));
        return refused;

        async Task AskAsync(string what, Func<Task> ask)
        {
            try
            {
                await ask();
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.AccessDenied)
            {
                refused.Add($"these keys may not {what}");
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.NoSuchUpload or StoreErrorKind.NotFound or StoreErrorKind.InvalidPart or StoreErrorKind.Refused or StoreErrorKind.NotSupported)
            {
                // What was asked about does not exist: the right to ask is there.
            }
        }
    }

    private sealed class EmptyPart : ObjectContent
    {
        public override long Length => 0;

        public override Stream OpenRead() => new MemoryStream([], writable: false);
    }
}
