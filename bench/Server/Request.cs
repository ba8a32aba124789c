using System.Globalization;

namespace SyncAgent.Bench.Server;

/// <summary>The head of a request, names in path style.</summary>
internal sealed class Request
{
    private readonly string[] _lines;
    private readonly Dictionary<string, string> _query = new(StringComparer.Ordinal);

    public Request(string head)
    {
        _lines = head.Split("\r\n");
        var line = _lines[0].Split(' ');
        Method = line[0];
        var target = line[1].Split('?', 2);
        var path = target[0].TrimStart('/').Split('/', 2);
        Bucket = path[0];
        Key = path.Length > 1 ? Uri.UnescapeDataString(path[1]) : "";
        foreach (var pair in target.Length > 1 ? target[1].Split('&', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            var (name, value) = pair.IndexOf('=', StringComparison.Ordinal) is >= 0 and var at ? (pair[..at], pair[(at + 1)..]) : (pair, "");
            _query[name] = Uri.UnescapeDataString(value.Replace('+', ' '));
        }
    }

    public string Method { get; }

    public string Bucket { get; }

    public string Key { get; }

    /// <summary>Bytes of the body as they come, without chunks.</summary>
    public long ContentLength => long.Parse(Header("content-length") ?? "0", CultureInfo.InvariantCulture);

    public string? Query(string name) => _query.GetValueOrDefault(name);

    public bool Has(string name) => _query.ContainsKey(name);

    public string? Header(string name)
    {
        foreach (var line in _lines.AsSpan(1))
        {
            if (line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.OrdinalIgnoreCase)) return line[(name.Length + 1)..].Trim();
        }

        return null;
    }

    /// <summary>The headers that are kept with an object and given back, as lines.</summary>
    public string KeptHeaders()
    {
        var kept = _lines.Skip(1).Where(line =>
            line.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase) || line.StartsWith("x-oss-meta-", StringComparison.OrdinalIgnoreCase)
            || line.StartsWith("content-type:", StringComparison.OrdinalIgnoreCase));
        return string.Concat(kept.Select(line => line + "\r\n"));
    }
}
