using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SyncAgent.Agent.Cli;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Status;

/// <summary>Talks to the agent of a state folder. The token leaves this process only after the server has proved that it knows it.</summary>
internal sealed class ControlClient : IDisposable
{
    /// <summary>A loopback server that does not answer hello within this time is not ours.</summary>
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;

    private ControlClient(HttpClient http, AgentAddress address)
    {
        _http = http;
        Address = address;
    }

    /// <summary>The agent's address.</summary>
    public AgentAddress Address { get; }

    /// <summary>Connects to the agent of a state folder; null when none answers that can prove itself.</summary>
    public static async Task<ControlClient?> TryConnectAsync(string stateFolder, CancellationToken cancellationToken)
    {
        if (AgentFile.Read(stateFolder) is not { } address) return null;
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{address.Port.ToString(CultureInfo.InvariantCulture)}/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (await ProvesItselfAsync(http, address.Token, cancellationToken))
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", address.Token);
            return new ControlClient(http, address);
        }

        http.Dispose();
        return null;
    }

    /// <summary>The picture of the agent.</summary>
    public Task<StatusSnapshot> GetStatusAsync(CancellationToken cancellationToken) => GetStatusAsync(mayLag: false, cancellationToken);

    /// <summary>The picture of the agent; with <paramref name="mayLag"/>, for those who ask again and again, its counts may be some seconds old.</summary>
    public Task<StatusSnapshot> GetStatusAsync(bool mayLag, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, mayLag ? "v1/status?lag=true" : "v1/status", null, ControlJson.Default.StatusSnapshot, cancellationToken);

    /// <summary>Waits on the server for at most <paramref name="atMost"/>, and never longer than <see cref="ControlRoutes.LongestWait"/>.</summary>
    public Task<WaitAnswer> WaitAsync(string? path, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var seconds = atMost.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        var query = $"v1/wait?timeout={seconds}" + (path is null ? "" : $"&path={Uri.EscapeDataString(path)}");
        return SendAsync(HttpMethod.Get, query, null, ControlJson.Default.WaitAnswer, cancellationToken);
    }

    /// <summary>Mounts a drive.</summary>
    public Task<MountAnswer> MountAsync(MountRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, "v1/drives", JsonContent.Create(request, ControlJson.Default.MountRequest), ControlJson.Default.MountAnswer, cancellationToken);

    /// <summary>The drives and their buckets.</summary>
    public Task<DrivesAnswer> GetDrivesAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "v1/drives", null, ControlJson.Default.DrivesAnswer, cancellationToken);

    /// <summary>The bandwidth.</summary>
    public Task<LimitsStatus> GetLimitsAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "v1/limits", null, ControlJson.Default.LimitsStatus, cancellationToken);

    /// <summary>Changes the bandwidth by hand; gives what it is then.</summary>
    public Task<LimitsStatus> SetLimitsAsync(LimitsRequest request, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Put, "v1/limits", JsonContent.Create(request, ControlJson.Default.LimitsRequest), ControlJson.Default.LimitsStatus, cancellationToken);

    /// <summary>Unmounts a drive as soon as nobody writes to it, or after <paramref name="patience"/>; null for the agent's own.</summary>
    public Task<UnmountAnswer> UnmountAsync(string mountPoint, TimeSpan? patience, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Delete,
        $"v1/drives?mount={Uri.EscapeDataString(mountPoint)}" + (patience is { } time ? $"&patience={time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)}" : ""), null, ControlJson.Default.UnmountAnswer, cancellationToken);

    /// <summary>Holds drives, or lets them go on; all when no mount point is given.</summary>
    public Task<PauseAnswer> PauseAsync(string? mountPoint, bool paused, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, (paused ? "v1/pause" : "v1/resume") + (mountPoint is null ? "" : $"?mount={Uri.EscapeDataString(mountPoint)}"), null,
        ControlJson.Default.PauseAnswer, cancellationToken);

    /// <summary>Removed objects that are still to be deleted, at most so many named per drive; of all drives when no mount point is given.</summary>
    public Task<DeletesAnswer> GetDeletesAsync(string? mountPoint, int limit, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get, $"v1/deletes?limit={limit.ToString(CultureInfo.InvariantCulture)}{(mountPoint is null ? "" : $"&mount={Uri.EscapeDataString(mountPoint)}")}",
        null, ControlJson.Default.DeletesAnswer, cancellationToken);

    /// <summary>Confirms removals, or takes them back; of all drives when no mount point is given.</summary>
    public Task<DeletesDone> DecideDeletesAsync(string? mountPoint, bool confirm, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, (confirm ? "v1/deletes/confirm" : "v1/deletes/restore") + (mountPoint is null ? "" : $"?mount={Uri.EscapeDataString(mountPoint)}"),
        null, ControlJson.Default.DeletesDone, cancellationToken);

    /// <summary>Lists a folder again, the top of every drive when no path is given.</summary>
    public Task<RefreshAnswer> RefreshAsync(string? path, bool recursive, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, $"v1/refresh?recursive={(recursive ? "true" : "false")}" + (path is null ? "" : $"&path={Uri.EscapeDataString(path)}"), null,
        ControlJson.Default.RefreshAnswer, cancellationToken);

    /// <summary>Begins to verify a file, a folder or a whole drive.</summary>
    public Task<VerifyAnswer> StartVerifyAsync(string path, bool deep, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, $"v1/verify?deep={(deep ? "true" : "false")}&path={Uri.EscapeDataString(path)}", null, ControlJson.Default.VerifyAnswer, cancellationToken);

    /// <summary>How verifying a drive stands, with what it found from the given one on.</summary>
    public Task<VerifyAnswer> GetVerifyAsync(string mountPoint, int after, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get, $"v1/verify?mount={Uri.EscapeDataString(mountPoint)}&after={after.ToString(CultureInfo.InvariantCulture)}", null,
        ControlJson.Default.VerifyAnswer, cancellationToken);

    /// <summary>Ends the verifying of a drive.</summary>
    public Task<VerifyAnswer> CancelVerifyAsync(string mountPoint, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Delete, $"v1/verify?mount={Uri.EscapeDataString(mountPoint)}", null, ControlJson.Default.VerifyAnswer, cancellationToken);

    /// <summary>What is pinned.</summary>
    public Task<PinsAnswer> GetPinsAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "v1/pins", null, ControlJson.Default.PinsAnswer, cancellationToken);

    /// <summary>Pins or unpins a path.</summary>
    public Task<PinStatus> ChangePinAsync(string path, bool pinned, CancellationToken cancellationToken) => SendAsync(
        pinned ? HttpMethod.Put : HttpMethod.Delete, $"v1/pins?path={Uri.EscapeDataString(path)}", null, ControlJson.Default.PinStatus, cancellationToken);

    /// <summary>Keys that drives cannot show.</summary>
    public Task<HiddenAnswer> GetHiddenAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "v1/hidden", null, ControlJson.Default.HiddenAnswer, cancellationToken);

    /// <summary>Files in a state.</summary>
    public Task<FilesAnswer> GetFilesAsync(FileState state, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"v1/files?state={state}", null, ControlJson.Default.FilesAnswer, cancellationToken);

    /// <summary>What happened, newest first, one page.</summary>
    /// <param name="search">A part of the keys that are meant, or null.</param>
    /// <param name="before">The "next" of the page before, or null.</param>
    /// <param name="limit">Most entries, at most <see cref="HistoryLister.MaxEntries"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<HistoryAnswer> GetHistoryAsync(string? search, string? before, int limit, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Get,
        $"v1/history?limit={limit.ToString(CultureInfo.InvariantCulture)}" + (search is null ? "" : $"&search={Uri.EscapeDataString(search)}")
            + (before is null ? "" : $"&before={Uri.EscapeDataString(before)}"),
        null, ControlJson.Default.HistoryAnswer, cancellationToken);

    /// <summary>Holds a file or what waits at or below a folder, or lets it go on.</summary>
    public Task<PauseAnswer> PauseFileAsync(string path, bool paused, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, $"v1/{(paused ? "pause" : "resume")}?path={Uri.EscapeDataString(path)}", null, ControlJson.Default.PauseAnswer, cancellationToken);

    /// <summary>Ends the upload of a file and holds it.</summary>
    public Task<PauseAnswer> CancelAsync(string path, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"v1/cancel?path={Uri.EscapeDataString(path)}", null, ControlJson.Default.PauseAnswer, cancellationToken);

    /// <summary>Tries again what failed: all, or what is at or below a path.</summary>
    public Task<RetryAnswer> RetryAsync(string? path, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, "v1/retry" + (path is null ? "" : $"?path={Uri.EscapeDataString(path)}"), null, ControlJson.Default.RetryAnswer, cancellationToken);

    /// <summary>An address that lets one browser in.</summary>
    public Task<PageTokenAnswer> GetPageTokenAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "v1/page-tokens", null, ControlJson.Default.PageTokenAnswer, cancellationToken);

    /// <summary>Decides about an interrupted or incomplete file.</summary>
    public Task<RetryAnswer> SettleInterruptedAsync(string path, bool accept, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, $"v1/interrupted/{(accept ? "accept" : "discard")}?path={Uri.EscapeDataString(path)}", null, ControlJson.Default.RetryAnswer, cancellationToken);

    /// <summary>The uploads in the journal.</summary>
    public Task<UploadsAnswer> GetUploadsAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "v1/uploads", null, ControlJson.Default.UploadsAnswer, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static async Task<bool> ProvesItselfAsync(HttpClient http, string token, CancellationToken cancellationToken)
    {
        var nonce = ControlProof.NewNonce();
        if (!ControlProof.TryProve(token, nonce, out var expected)) return false;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(HelloTimeout);
        try
        {
            var answer = await http.GetFromJsonAsync($"v1/hello?nonce={nonce}", ControlJson.Default.HelloAnswer, timeout.Token);
            return answer is not null && ControlProof.AreEqual(answer.Proof, expected);
        }
        catch (Exception e) when (IsNoAnswer(e) && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
                return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new HttpRequestException("an empty answer");
            throw await ErrorOfAsync(response, cancellationToken);
        }
        catch (Exception e) when (IsNoAnswer(e) && !cancellationToken.IsCancellationRequested)
        {
            throw new AgentGoneException(e);
        }
    }

    private static async Task<CommandException> ErrorOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var error = response.Content.Headers.ContentType?.MediaType == "application/json"
            ? await response.Content.ReadFromJsonAsync(ControlJson.Default.ErrorAnswer, cancellationToken)
            : null;
        return new CommandException(error?.ExitCode ?? ExitCodes.NeedsUser, error?.Error ?? $"the agent answered {(int)response.StatusCode}.");
    }

    private static bool IsNoAnswer(Exception e) =>
        e is HttpRequestException or IOException or OperationCanceledException or JsonException;
}

/// <summary>The agent went away in the middle of a request.</summary>
internal sealed class AgentGoneException(Exception inner) : Exception("The agent does not answer any more.", inner);
