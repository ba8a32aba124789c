using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Tests;

/// <summary>What is in a drive, and how it is named there. Letters are tried under Wine (tests/Wine.Tests).</summary>
public class DrivePathsTests
{
    [Theory]
    [InlineData("/mnt/x", "/mnt/x", true)]
    [InlineData("/mnt/x/a", "/mnt/x", true)]
    [InlineData("/mnt/xy", "/mnt/x", false)]
    [InlineData("/mnt/X/a", "/mnt/x", false)]
    [InlineData("/mnt", "/mnt/x", false)]
    [InlineData("/mnt/x", "/", true)]
    public void A_path_is_within_a_folder_or_not(string path, string folder, bool within) => Assert.Equal(within, DrivePaths.IsWithin(path, folder));

    [Theory]
    [InlineData("/mnt/x", "")]
    [InlineData("/mnt/x/a b/c", "a b/c")]
    public void What_is_below_a_mount_point_comes_back(string path, string below)
    {
        Assert.Equal(below, DrivePaths.Below("/mnt/x", path));
        Assert.Equal(path, DrivePaths.Absolute("/mnt/x", below));
    }

    [Theory]
    [InlineData("/mnt/x/", "/mnt/x")]
    [InlineData("/mnt/./y/../x", "/mnt/x")]
    [InlineData("/mnt/S:", "/mnt/S:")]
    public void A_mount_point_has_one_form(string given, string form) => Assert.Equal(form, DrivePaths.Normalise(given));
}
