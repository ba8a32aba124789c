using System.Globalization;

namespace SyncAgent.Agent.Status.Routes;

/// <summary>Lets browsers in.</summary>
internal sealed class PageRoutes(PageAccess pages)
{
    /// <summary>Where a browser shows its one-time token.</summary>
    public const string OpenPath = "/open";

    /// <summary>The routes.</summary>
    public IEnumerable<ApiRoute> Routes =>
    [
        new("POST", "/v1/page-tokens", "Makes an address that lets one browser in, once, within a minute.", LetInAsync)
        {
            Gives = static () => ControlJson.Default.PageTokenAnswer,
        },
    ];

    private Task LetInAsync(ApiRequest request)
    {
        var token = pages.NewToken();
        var port = request.Context.Connection.LocalPort.ToString(CultureInfo.InvariantCulture);
        return request.ReplyAsync(new PageTokenAnswer(token, $"http://127.0.0.1:{port}{OpenPath}?t={token}"), ControlJson.Default.PageTokenAnswer);
    }
}
