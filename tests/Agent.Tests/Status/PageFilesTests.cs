using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using SyncAgent.Agent.Status.Page;

namespace SyncAgent.Agent.Tests;

/// <summary>The page's files keep the rules that its safety rests on.</summary>
public sealed partial class PageFilesTests
{
    /// <summary>Ways in which text becomes markup or code.</summary>
    private static readonly string[] Forbidden =
        ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "srcdoc", "DOMParser", "createContextualFragment", "javascript:", "http://", "https://"];

    [Fact]
    public async Task Nothing_is_inline_nothing_is_foreign_and_everything_named_is_there()
    {
        var seen = new HashSet<string>();
        var left = new Queue<string>(["index.html"]);
        while (left.TryDequeue(out var name))
        {
            if (!seen.Add(name)) continue;
            var (status, text, _) = await GetAsync(name == "index.html" ? "/" : $"/{name}", signedIn: true);
            Assert.True(status == StatusCodes.Status200OK, $"{name} is not there");
            foreach (var other in References().Matches(text).Select(match => match.Groups["name"].Value)) left.Enqueue(Resolve(name, other));
            if (name.EndsWith(".html", StringComparison.Ordinal)) Assert.DoesNotMatch(Inline(), text);
            if (!name.EndsWith(".js", StringComparison.Ordinal)) continue;
            // Addresses stand in the hints of the setup form and name the grammar of SVG: nothing is loaded from them.
            var code = text.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal).Replace("endpoint: 'https://", "", StringComparison.Ordinal);
            Assert.All(Forbidden, word => Assert.False(code.Contains(word, StringComparison.Ordinal), $"{name} has {word}"));
        }

        Assert.InRange(seen.Count, 25, 80);
    }

    [Theory]
    [InlineData("/", true, 200)]
    [InlineData("/", false, 401)]
    [InlineData("/assets/js/main.js", false, 200)]
    public async Task What_is_answered_says_what_it_is_and_allows_nothing_foreign(string path, bool signedIn, int expected)
    {
        var (status, text, headers) = await GetAsync(path, signedIn);
        Assert.Equal(expected, status);
        Assert.Equal(path == "/" && signedIn, text.Contains("main.js", StringComparison.Ordinal));
        var policy = headers.ContentSecurityPolicy.ToString();
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.Contains("require-trusted-types-for 'script'; trusted-types 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", headers.XContentTypeOptions);
    }

    [Theory]
    [InlineData("/index.html")]
    [InlineData("/locked.html")]
    [InlineData("/assets/")]
    [InlineData("/assets/../locked.html")]
    [InlineData("/v1/status")]
    public async Task Other_paths_are_not_the_pages(string path) => Assert.Equal(0, (await GetAsync(path, signedIn: true)).Status);

    [Fact]
    public async Task What_the_browser_has_is_not_sent_again()
    {
        var (_, _, headers) = await GetAsync("/assets/js/main.js", signedIn: true);
        var context = NewContext("/assets/js/main.js");
        context.Request.Headers.IfNoneMatch = headers.ETag;
        Assert.True(await PageFiles.TryAnswerAsync(context, signedIn: true));
        Assert.Equal(StatusCodes.Status304NotModified, context.Response.StatusCode);
    }

    private static DefaultHttpContext NewContext(string path) => new() { Request = { Method = "GET", Path = path }, Response = { Body = new MemoryStream() } };

    /// <summary>The answer; status 0 when it is left to others.</summary>
    private static async Task<(int Status, string Text, IHeaderDictionary Headers)> GetAsync(string path, bool signedIn)
    {
        var context = NewContext(path);
        if (!await PageFiles.TryAnswerAsync(context, signedIn)) return (0, "", context.Response.Headers);
        return (context.Response.StatusCode, Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray()), context.Response.Headers);
    }

    /// <summary>A module's imports go from the module, all else from the page.</summary>
    private static string Resolve(string from, string name) =>
        name[0] == '.' ? new Uri(new Uri($"page:///{from}"), name).AbsolutePath[1..] : name;

    [GeneratedRegex("""(?:href|src)="(?<name>assets/[^"]+)"|from '(?<name>\.[^']+)'|'(?<name>assets/[^']+)'""")]
    private static partial Regex References();

    [GeneratedRegex("""<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=""")]
    private static partial Regex Inline();
}
