using System.Globalization;
using System.Text.Json;
using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Server;

/// <summary>What the benchmark itself asks of its server, past the link: GET /-/COMMAND?...</summary>
internal static class Control
{
    private const string Bucket = "-";

    public static bool IsFor(Request request) => request.Bucket == Bucket;

    public static void Answer(HttpConnection connection, Request request, Store store)
    {
        connection.Discard(request);
        string Text(string name) => request.Query(name) ?? throw new InvalidOperationException($"{request.Key} without {name}");
        long Number(string name) => long.Parse(Text(name), CultureInfo.InvariantCulture);
        var (status, answer) = (200, "{}");
        switch (request.Key)
        {
            case "settings":
                store.Link.BytesPerSecond = Number("bytesPerSecond");
                store.Link.RoundTrip = TimeSpan.FromMilliseconds(Number("roundTrip"));
                store.FaultsPerMille = (int)Number("faultsPerMille");
                store.IsAway = Number("away") != 0;
                break;
            case "fill":
                for (var i = 0L; i < Number("files"); i++) store[Text("bucket")].Put(string.Create(CultureInfo.InvariantCulture, $"{Text("prefix")}{i:000000}"), Server.Bucket.NewObject(Number("size"), ""), createOnly: false);
                break;
            case "await":
                status = store[Text("bucket")].Await(Text("prefix"), Number("files"), Number("bytes"), TimeSpan.FromMilliseconds(Number("patience"))) ? 200 : 408;
                break;
            case "tally":
                var (files, bytes) = store[Text("bucket")].Tally(Text("prefix"));
                answer = JsonSerializer.Serialize(new Dictionary<string, long> { ["files"] = files, ["bytes"] = bytes });
                break;
            case "counts":
                answer = JsonSerializer.Serialize(new Dictionary<string, long>(store.Requests) { [StoreProcess.Received] = store.Received });
                break;
            case "etag":
                answer = store[Text("bucket")].Find(Text("key"))?.ETag ?? "";
                break;
            case "drop":
                store.Drop(Text("bucket"));
                break;
            default:
                status = 404;
                break;
        }

        connection.Reply(status, answer, type: "application/json");
    }
}
