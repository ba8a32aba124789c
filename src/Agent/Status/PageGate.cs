using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status.Page;
using SyncAgent.Agent.Status.Routes;

namespace SyncAgent.Agent.Status;

/// <summary>
/// The way of browsers: the address with the one-time token, then the page and its API below the path of its session. A request counts as the
/// page's own when it carries the session's cookie and comes from no other page; one that changes something must say where it comes from,
/// and carry a header that no form and no link can send.
/// </summary>
internal sealed class PageGate(ControlRoutes routes)
{
    /// <summary>What the page's own requests carry.</summary>
    public const string OwnHeader = "X-SyncAgent";

    private const string ApiPrefix = "/v1/";

    /// <summary>Answers a browser's request; false when the path is none of the page's.</summary>
    public async Task<bool> TryAnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        if (path.StartsWith(PageAccess.PathPrefix, StringComparison.Ordinal)) await AnswerSessionAsync(context, path);
        else if (path == PageRoutes.OpenPath && HttpMethods.IsGet(context.Request.Method)) await OpenAsync(context);
        else return await PageFiles.TryAnswerAsync(context, signedIn: false);
        return true;
    }

    private async Task OpenAsync(HttpContext context)
    {
        var connection = context.Connection;
        if (connection is not { RemoteIpAddress: { } remote, LocalIpAddress: { } local }
            || !LoopbackPeer.MayBeOurs(new IPEndPoint(remote, connection.RemotePort), new IPEndPoint(local, connection.LocalPort)))
        {
            // The address stands on the command line of a browser that is just starting, where everybody can read it.
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        if (routes.Pages.Open(context.Request.Query["t"].ToString()) is not { } session)
        {
            context.Request.Path = "/";
            await PageFiles.TryAnswerAsync(context, signedIn: false);
            return;
        }

        context.Response.Cookies.Append(PageAccess.CookieName, session.Secret, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Path = session.Path + "/",
        });
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        context.Response.ContentType = "text/html; charset=utf-8";
        // Not a redirection: a browser that was sent here by another program would not show a strict cookie at its end.
        await context.Response.Body.WriteAsync(
            Encoding.UTF8.GetBytes($"<!doctype html><meta charset=\"utf-8\"><title>SyncAgent</title><meta http-equiv=\"refresh\" content=\"0;url={session.Path}/\"><a href=\"{session.Path}/\">SyncAgent</a>"),
            context.RequestAborted);
    }

    private async Task AnswerSessionAsync(HttpContext context, string path)
    {
        var end = path.IndexOf('/', PageAccess.PathPrefix.Length);
        if (end < 0)
        {
            context.Response.Redirect(path + "/");
            return;
        }

        context.Request.PathBase = path[..end];
        context.Request.Path = path[end..];
        var signedIn = routes.Pages.IsSignedIn(path[..end], context.Request.Cookies[PageAccess.CookieName]);
        if (!path.AsSpan(end).StartsWith(ApiPrefix, StringComparison.Ordinal))
        {
            if (!await PageFiles.TryAnswerAsync(context, signedIn)) context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (!signedIn)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else if (!IsFromOwnPage(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        else
        {
            await routes.AnswerAsync(context);
        }
    }

    // "same-site" is another port of this machine, and may be another user's.
    private static bool IsFromOwnPage(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var isOwn = origin == $"{request.Scheme}://{request.Host}";
        if (site is not ("" or "same-origin" or "none") || (origin.Length > 0 && !isOwn)) return false;
        return HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || (isOwn && request.Headers[OwnHeader] == "1");
    }
}
