using System.Globalization;
using System.Text;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Store;

namespace SyncAgent.Agent.Setup;

/// <summary>
/// Tries a bucket step by step: name, connection and TLS; clock; signature and bucket; the rights that a drive needs. One for setup in
/// CLI and page, where an object is written and deleted again, and for the doctor, which writes nothing: there the right to write is asked
/// with a part of an upload that does not exist.
/// </summary>
internal static class StoreTrial
{
    /// <summary>Step that is no obstacle when it fails: the client corrects itself.</summary>
    public const string Clock = "clock";

    private const string NoSuchUpload = "syncagent-asks-for-rights";
    private const string RightsRemedy = "\"Least permissions\" in docs/operations.md has the policy that a drive needs.";

    /// <summary>The signature allows 15 minutes; the client corrects itself, but other programs of this machine do not.</summary>
    private static readonly TimeSpan LargestSkew = TimeSpan.FromMinutes(2);

    /// <summary>Tries everything, with a probe object that is deleted again unless nothing is to be written.</summary>
    /// <param name="target">The bucket.</param>
    /// <param name="keys">Keys to try where the target takes its own from the environment.</param>
    /// <param name="time">Clock.</param>
    /// <param name="stop">Cancels.</param>
    /// <param name="write">Whether to write an object and delete it.</param>
    public static async Task<SetupReport> RunAsync(
        TargetSettings target, ICredentialsProvider keys, TimeProvider time, CancellationToken stop, bool write = true)
    {
        var steps = new List<SetupStep>();
        await LookAsync(target, () => new StoreAccess(target, keys, time), write, time, steps, stop);
        return new SetupReport(steps.All(step => step.Ok || step.Name == Clock), steps);
    }

    /// <summary>Takes the steps.</summary>
    /// <param name="target">The bucket.</param>
    /// <param name="open">Opens it; null where there are no keys to try.</param>
    /// <param name="write">Whether to write an object and delete it.</param>
    /// <param name="time">Clock.</param>
    /// <param name="steps">Takes the steps as they are made.</param>
    /// <param name="stop">Cancels.</param>
    /// <returns>False when the store could not be asked.</returns>
    public static async Task<bool> LookAsync(
        TargetSettings target, Func<StoreAccess>? open, bool write, TimeProvider time, ICollection<SetupStep> steps, CancellationToken stop)
    {
        try
        {
            await ReachAsync(target, time, steps, stop);
            if (open is null) return true;
            using var access = open();
            await ListAsync(access.Store, target, steps, stop);
            await AskRightsAsync(access.Store, target.Prefix, write, steps, stop);
            return true;
        }
        catch (StoreException e)
        {
            steps.Add(new SetupStep(StepOf(e.Kind), Ok: false, e.Message.TrimEnd('.'), e.Remedy));
            return false;
        }
    }

    private static async Task ReachAsync(TargetSettings target, TimeProvider time, ICollection<SetupStep> steps, CancellationToken stop)
    {
        var address = target.Store == TargetSettings.S3 ? EndpointProbe.AddressOf(target.ToS3Options()) : EndpointProbe.AddressOf(target.ToOssOptions());
        var reached = await EndpointProbe.ReachAsync(address, target.Connection, time, stop);
        steps.Add(new SetupStep(
            "connection", Ok: true, $"{address.Authority} answers{(address.Scheme == Uri.UriSchemeHttps ? ", and its certificate is trusted" : "")}"));
        if (reached.ServerTime - time.GetUtcNow() is not { } off) return;
        var seconds = off.Duration().TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        steps.Add(off.Duration() <= LargestSkew
            ? new SetupStep(Clock, Ok: true, "this machine's clock is right")
            : new SetupStep(
                Clock, Ok: false, $"this machine's clock is {seconds} s {(off > TimeSpan.Zero ? "behind" : "ahead of")} the store's",
                "Set the clock, and have it kept right: timedatectl set-ntp true"));
    }

    // The first request that is signed: it tells whether the keys are known and the bucket is there.
    private static async Task ListAsync(IObjectStore store, TargetSettings target, ICollection<SetupStep> steps, CancellationToken stop)
    {
        var allowed = true;
        try
        {
            await store.ListAsync(new ListRequest(target.Prefix, MaxKeys: 1), stop);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.AccessDenied)
        {
            allowed = false;
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.NoSuchBucket)
        {
            steps.Add(new SetupStep("keys", Ok: true, "the store knows the keys"));
            throw;
        }

        steps.Add(new SetupStep("keys", Ok: true, "the store knows the keys"));
        if (allowed) steps.Add(new SetupStep("bucket", Ok: true, $"the bucket {target.Bucket} is there"));
        steps.Add(allowed ? new SetupStep("list", Ok: true, "these keys may list objects") : Refused("list", "list objects"));
    }

    private static async Task AskRightsAsync(IObjectStore store, string prefix, bool write, ICollection<SetupStep> steps, CancellationToken stop)
    {
        var key = $"{prefix}.syncagent/trial-{Guid.NewGuid():n}";
        await AskAsync("read", "read objects", async () => await store.HeadAsync(key, stop));
        var writable = await AskAsync("write", "write objects", () => store.UploadPartAsync(key, NoSuchUpload, 1, new Bytes([]), stop));
        await AskAsync("list", "list parts", () => store.ListPartsAsync(key, NoSuchUpload, 0, stop));
        await AskAsync("list", "list uploads", () => store.ListUploadsAsync(prefix, null, null, stop));
        if (!write || !writable) return;
        await store.PutAsync(key, new Bytes(Encoding.ASCII.GetBytes("syncagent")), new ObjectOptions { ForbidOverwrite = true }, stop);
        await AskAsync("delete", "delete objects", () => store.DeleteAsync(key, stop), $"Delete {key} yourself. {RightsRemedy}");

        async Task<bool> AskAsync(string step, string what, Func<Task> ask, string remedy = RightsRemedy)
        {
            try
            {
                await ask();
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.AccessDenied)
            {
                steps.Add(Refused(step, what) with { Remedy = remedy });
                return false;
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.NoSuchUpload or StoreErrorKind.NotFound or StoreErrorKind.InvalidPart or StoreErrorKind.Refused or StoreErrorKind.NotSupported)
            {
                // What was asked about does not exist: the right to ask is there.
            }

            steps.Add(new SetupStep(step, Ok: true, $"these keys may {what}"));
            return true;
        }
    }

    private static SetupStep Refused(string step, string what) => new(step, Ok: false, $"these keys may not {what}", RightsRemedy);

    private static string StepOf(StoreErrorKind kind) => kind switch
    {
        StoreErrorKind.BadCredentials or StoreErrorKind.TokenExpired or StoreErrorKind.AccountDisabled or StoreErrorKind.ClockSkew => "keys",
        StoreErrorKind.NoSuchBucket => "bucket",
        StoreErrorKind.AccessDenied or StoreErrorKind.QuotaExceeded or StoreErrorKind.Refused => "write",
        _ => "connection",
    };

    private sealed class Bytes(byte[] content) : ObjectContent
    {
        public override long Length => content.Length;

        public override Stream OpenRead() => new MemoryStream(content, writable: false);
    }
}
