using System.Buffers.Binary;
using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Tests.Doubles;

namespace SyncAgent.Fs.Linux.Tests.Protocol;

/// <summary>Random bytes under every operation code: no exception leaves the adapter, and each request has at most one answer,
/// whose length is right.</summary>
public class DecodeFuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_requests_are_answered_or_refused(int seed)
    {
        var random = new Random(seed);
        var rig = new AdapterRig();
        rig.Create("a");
        rig.FileSystem.Thaw();
        for (var i = 0; i < 20_000; i++)
        {
            var opcode = (FuseOpcode)random.Next(0, 60);
            if (opcode == FuseOpcode.Interrupt) continue; // answered later, by its own test
            var body = new byte[random.Next(0, 200)];
            random.NextBytes(body);
            if (random.Next(2) == 0) Tame(random, body);
            var request = rig.Begin(opcode, (ulong)random.Next(0, 45), body);
            await rig.Adapter.HandleAsync(request);
            rig.Requests.Return(request);
            Assert.InRange(rig.Channel.Messages.Count, 0, 1);
            if (rig.Channel.Messages.IsEmpty) Assert.Contains(opcode, (FuseOpcode[])[FuseOpcode.Forget, FuseOpcode.BatchForget, FuseOpcode.NotifyReply]);
            else Assert.InRange(rig.Channel.Take().Error, -4095, 0);
        }
    }

    [Fact]
    public void Random_heads_throw_only_the_protocol_error()
    {
        var random = new Random(4);
        var rig = new AdapterRig();
        var request = rig.Requests.Rent();
        for (var i = 0; i < 20_000; i++)
        {
            var length = random.Next(0, 100);
            random.NextBytes(request.Buffer[..length]);
            if (length >= 4 && random.Next(2) == 0) BinaryPrimitives.WriteInt32LittleEndian(request.Buffer, length);
            if (Record.Exception(() => request.Begin(length)) is { } error) Assert.IsType<FuseProtocolException>(error);
            request.End();
        }
    }

    /// <summary>Small numbers and short names get further than noise.</summary>
    private static void Tame(Random random, byte[] body)
    {
        for (var i = 0; i < body.Length; i++) body[i] = random.Next(3) == 0 ? (byte)random.Next(97, 100) : (byte)0;
    }
}
