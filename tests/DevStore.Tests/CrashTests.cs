using System.Net;

namespace SyncAgent.DevStore.Tests;

/// <summary>kill -9 at seeded, arbitrary moments: an object is the old or the new one, never anything else.</summary>
public sealed class CrashTests : IDisposable
{
    private const int Rounds = 6;
    private readonly string _root = Directory.CreateTempSubdirectory("devstore-crash-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Overwrites_are_all_or_nothing()
    {
        const int writers = 4;
        var random = new Random(20250304);
        var acknowledged = new int[writers];
        var attempted = new int[writers];
        for (int round = 0; round < Rounds; round++)
        {
            using ChildServer child = await ChildServer.StartAsync(_root);
            var enough = new TaskCompletionSource();
            int left = random.Next(1, 120);
            Task[] running = [.. Enumerable.Range(0, writers).Select(writer => Task.Run(async () =>
            {
                using TestClient client = ClientOf(child.Endpoint);
                try
                {
                    while (true)
                    {
                        int generation = ++attempted[writer];
                        Answer answer = await client.PutAsync($"key-{writer}", Content(writer, generation));
                        Assert.Equal(HttpStatusCode.OK, answer.Status);
                        acknowledged[writer] = generation;
                        if (Interlocked.Decrement(ref left) == 0) enough.SetResult();
                    }
                }
                catch (HttpRequestException)
                {
                    // Killed, which is the point.
                }
            }))];
            await enough.Task;
            await child.KillAsync();
            await Task.WhenAll(running);

            await using DevStoreServer server = await DevStoreServer.StartAsync(ChildServer.OptionsFor(_root));
            for (int writer = 0; writer < writers; writer++)
            {
                using StoredObject? stored = server.ReadObject(TestClient.Bucket, $"key-{writer}");
                byte[]? bytes = stored?.ReadToEnd();
                int? found = Enumerable.Range(acknowledged[writer], attempted[writer] - acknowledged[writer] + 1)
                    .Cast<int?>()
                    .FirstOrDefault(g => g == 0 ? bytes is null : bytes is not null && bytes.SequenceEqual(Content(writer, g!.Value)));
                Assert.True(found is not null, $"round {round}: key-{writer} is none of generation {acknowledged[writer]} to {attempted[writer]}");
                acknowledged[writer] = attempted[writer] = found.Value;
            }

            Assert.Equal(server.ListKeys(TestClient.Bucket).Count, BlobFiles());
        }

        Assert.True(acknowledged.Sum() > Rounds);
    }

    [Fact]
    public async Task Complete_is_all_or_nothing_and_parts_survive()
    {
        const int parts = 20;
        const int partBytes = 10_000;
        var random = new Random(4);
        byte[] whole = ServerTest.Bytes(parts * partBytes);
        for (int round = 0; round < Rounds; round++)
        {
            string key = $"object-{round}";
            var etags = new List<(int Number, string ETag)>();
            string upload;
            using (ChildServer child = await ChildServer.StartAsync(_root))
            {
                using TestClient client = ClientOf(child.Endpoint);
                // Once before, so that the kill meets a compiled Complete and not the compiler.
                string warm = await client.InitiateAsync("warm");
                string warmTag = (await client.PutPartAsync("warm", warm, 1, [1])).ETag!;
                await client.CompleteAsync("warm", warm, [(1, warmTag)]);
                upload = await client.InitiateAsync(key);
                for (int part = 1; part <= parts; part++)
                {
                    byte[] body = whole[((part - 1) * partBytes)..(part * partBytes)];
                    etags.Add((part, (await client.PutPartAsync(key, upload, part, body)).ETag!));
                }

                Task<Answer> complete = client.CompleteAsync(key, upload, etags);
                await Task.WhenAny(complete, Task.Delay(TimeSpan.FromMilliseconds(random.NextDouble() * 4)));
                await child.KillAsync();
                await Task.WhenAny(complete);
            }

            await using DevStoreServer server = await DevStoreServer.StartAsync(ChildServer.OptionsFor(_root));
            OpenUpload? open = server.OpenUploads(TestClient.Bucket).SingleOrDefault(u => u.UploadId == upload);
            TestContext.Current.TestOutputHelper?.WriteLine($"round {round}: killed {(open is null ? "after" : "before")} the commit");
            if (open is not null)
            {
                Assert.Null(server.ReadObject(TestClient.Bucket, key));
                Assert.Equal(etags, open.Parts.Select(p => (p.Number, $"\"{p.ETag}\"")));
                using TestClient client = ClientOf(server.Endpoint);
                Assert.Equal(HttpStatusCode.OK, (await client.CompleteAsync(key, upload, etags)).Status);
            }

            using StoredObject stored = server.ReadObject(TestClient.Bucket, key)!;
            Assert.Equal(whole, stored.ReadToEnd());
            Assert.Equal(Crc64.Append(0, whole), stored.Crc64);
        }
    }

    private static TestClient ClientOf(Uri endpoint) => new(endpoint, new TestSigner(ServerTest.Key.AccessKeyId, ServerTest.Key.AccessKeySecret));

    private static byte[] Content(int writer, int generation) => ServerTest.Bytes(20_000 + generation, (writer * 1_000_000) + generation);

    private int BlobFiles() => Directory.GetFiles(Path.Combine(_root, "blobs"), "*", SearchOption.AllDirectories).Length;
}
