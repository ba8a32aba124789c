using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Windows.Tests;

public sealed class NtStatusMapTests
{
    [Fact]
    public void Every_kind_of_error_has_a_status_and_none_means_success()
    {
        foreach (var kind in Enum.GetValues<FsErrorKind>()) Assert.True(NtStatusMap.Of(kind) < 0, kind.ToString());
    }
}
