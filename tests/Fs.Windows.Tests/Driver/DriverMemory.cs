using System.Runtime.InteropServices;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows.Tests.Driver;

/// <summary>Buffers that the driver lends for one request, perhaps beyond the call.</summary>
internal static class DriverMemory
{
    public static unsafe nint Rent(int length) => (nint)NativeMemory.AllocZeroed((nuint)Math.Max(1, length));

    public static unsafe byte[] Take(nint memory, uint count)
    {
        var bytes = new Span<byte>((void*)memory, (int)count).ToArray();
        NativeMemory.Free((void*)memory);
        return bytes;
    }

    public static async Task<(int Status, byte[] Bytes)> TakeLateAsync(Task<TransactResponse> late, nint memory, uint kind)
    {
        var response = await late;
        if (response.Kind != kind) throw new InvalidOperationException("the answer is to another kind of request");
        return (response.Status, Take(memory, response.Information));
    }
}
