using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace SyncAgent.Agent.Status.Page;

/// <summary>The status page's static files, embedded in the program. They are code only: nothing in them is secret.</summary>
internal static class PageFiles
{
    private const string Prefix = "Page/";
    private const string MainPage = "index.html";
    private const string LockedPage = "locked.html";

    /// <summary>Everything comes from this agent, nothing runs that is not a file of it, text never becomes markup, and no other page
    /// may show this one in a frame.</summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; "
        + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

    private static readonly FrozenDictionary<string, PageFile> Files = ReadAll();

    /// <summary>Answers a request for the page ("/") or one of its files ("/assets/…"); false when the path is none of them.</summary>
    /// <param name="context">The request. Its path is relative to where the page lives.</param>
    /// <param name="signedIn">Whether the page itself may be shown; else it says how to open it.</param>
    public static async Task<bool> TryAnswerAsync(HttpContext context, bool signedIn)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)) return false;
        var path = request.Path.Value is "/" or "" or null ? (signedIn ? MainPage : LockedPage) : request.Path.Value[1..];
        var isAsset = path.StartsWith("assets/", StringComparison.Ordinal);
        if ((!isAsset && request.Path.Value?.Length > 1) || !Files.TryGetValue(path, out var file)) return false;

        var response = context.Response;
        response.StatusCode = isAsset || signedIn ? StatusCodes.Status200OK : StatusCodes.Status401Unauthorized;
        var headers = response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // Kept by the browser, and asked for each time: an upgraded agent shows its own page at once.
        headers.CacheControl = isAsset ? "no-cache" : "no-store";
        headers.ETag = file.ETag;
        if (isAsset && request.Headers.IfNoneMatch == file.ETag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return true;
        }

        response.ContentType = file.ContentType;
        response.ContentLength = file.Bytes.Length;
        if (HttpMethods.IsGet(request.Method)) await response.Body.WriteAsync(file.Bytes, context.RequestAborted);
        return true;
    }

    private static FrozenDictionary<string, PageFile> ReadAll()
    {
        var assembly = typeof(PageFiles).Assembly;
        var files = new Dictionary<string, PageFile>(StringComparer.Ordinal);
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var resource = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[resource.Length];
            resource.ReadExactly(bytes);
            files.Add(name[Prefix.Length..], new PageFile(bytes, ContentTypeOf(name), $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes)[..16])}\""));
        }

        return files.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static string ContentTypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new NotSupportedException($"The page has a file of type {other}, which nobody has said how to send."),
    };

    private sealed record PageFile(byte[] Bytes, string ContentType, string ETag);
}
