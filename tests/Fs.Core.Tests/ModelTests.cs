namespace SyncAgent.Fs.Core.Tests;

/// <summary>Random operations, kills and restarts between them, against a model that is a dictionary of byte arrays.</summary>
public sealed class ModelTests
{
    private const int Operations = 250;

    public static TheoryData<int> Seeds => new(Enumerable.Range(1, 24));

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_drive_holds_what_the_model_holds_whatever_happens_between(int seed)
    {
        var random = new Random(seed);
        await using var drive = new TestDrive();
        var model = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        for (var i = 0; i < Operations; i++) await StepAsync(drive, model, random);
        await drive.PublishAsync();
        await drive.PublishAsync();
        foreach (var (name, bytes) in model) Assert.Equal(bytes, await drive.LoadAsync(name));
        Assert.Equal(model.Keys.Order(StringComparer.Ordinal), await drive.NamesAsync(""));
        Assert.Equal(model.Keys.Select(name => "p/" + name).Order(StringComparer.Ordinal), drive.Bucket.Keys());
        foreach (var (name, bytes) in model) Assert.Equal(bytes, drive.Bucket.Bytes("p/" + name));
    }

    private static async Task StepAsync(TestDrive drive, Dictionary<string, byte[]> model, Random random)
    {
        var name = $"f{random.Next(4)}";
        var exists = model.ContainsKey(name);
        switch (random.Next(12))
        {
            case 0:
                model[name] = GenerationTests.Pattern(random.Next(3) == 0 ? 400_000 : random.Next(2000), random.Next());
                await drive.SaveAsync(name, model[name]);
                break;
            case 1 or 2 or 3 or 4 when exists:
                await OverwriteAsync(drive, model, name, random);
                break;
            case 5 when exists:
                var size = random.Next(model[name].Length * 2 + 1);
                var cut = model[name];
                Array.Resize(ref cut, size);
                model[name] = cut;
                var node = (await drive.NodeAsync(name)).Id;
                Assert.Null((await drive.Files.SetAttributesAsync(drive.Context, node, null, new AttributeChanges { Size = size })).Error);
                break;
            case 6 when exists:
                var target = $"f{random.Next(4)}";
                Assert.Null(await drive.RenameAsync(name, target));
                if (target == name) break;
                model[target] = model[name];
                model.Remove(name);
                break;
            case 7 when exists:
                Assert.Null(await drive.UnlinkAsync(name));
                model.Remove(name);
                break;
            case 8:
                await drive.PublishAsync();
                break;
            case 9:
                drive.KillAndRestart();
                break;
            case 10:
                await drive.RestartAsync();
                break;
            case 11:
                EvictAll(drive);
                break;
            default:
                if (exists) Assert.Equal(model[name], await drive.LoadAsync(name));
                else Assert.Equal(FsErrorKind.NotFound, (await drive.LookupErrorAsync(name))?.Kind);
                break;
        }
    }

    private static async Task OverwriteAsync(TestDrive drive, Dictionary<string, byte[]> model, string name, Random random)
    {
        var handle = await drive.OpenAsync(name);
        for (var writes = random.Next(1, 4); writes > 0; writes--)
        {
            var old = model[name];
            var offset = random.Next(3) == 0 ? old.Length : random.Next(old.Length + 500);
            var bytes = GenerationTests.Pattern(random.Next(1, 3000), random.Next());
            var grown = new byte[Math.Max(old.Length, offset + bytes.Length)];
            old.CopyTo(grown, 0);
            bytes.CopyTo(grown, offset);
            model[name] = grown;
            await drive.WriteAsync(handle, offset, bytes);
            Assert.Equal(grown, await drive.ReadAsync(handle, 0, grown.Length + 1));
        }

        if (random.Next(4) == 0)
        {
            // Killed while open: the bytes stay, and the next close publishes them.
            drive.KillAndRestart();
            Assert.Equal(model[name], await drive.LoadAsync(name));
            handle = await drive.OpenAsync(name);
            await drive.WriteAsync(handle, 0, model[name].Length == 0 ? [] : model[name][..1]);
        }

        await drive.CloseAsync(handle);
    }

    private static void EvictAll(TestDrive drive)
    {
        drive.Journal.WaitCommitted(drive.Journal.EnqueuedSequence);
        foreach (var row in drive.Rows.Evictable(drive.Drive.Id, 0, 100)) drive.Journal.Commit(writer => writer.EvictContent(row.Id));
        drive.KillAndRestart();
    }
}
