namespace SyncAgent.Journal.Tests;

public sealed class ObjectAttributesTests
{
    [Theory]
    [InlineData("33188", NodeType.File, 0b110_100_100u)] // s3fs: decimal
    [InlineData("41471", NodeType.Symlink, 0b111_111_111u)]
    [InlineData("16877", NodeType.Directory, 0b111_101_101u)]
    [InlineData("4480", NodeType.Fifo, 0b110_000_000u)]
    [InlineData("100644", NodeType.File, 0b110_100_100u)] // rclone: octal
    [InlineData("120777", NodeType.Symlink, 0b111_111_111u)]
    [InlineData("40755", NodeType.Directory, 0b111_101_101u)]
    [InlineData("644", null, 0b110_100_100u)]
    [InlineData("0", null, null)]
    [InlineData("", null, null)]
    [InlineData("-1", null, null)]
    [InlineData("rw-r--r--", null, null)]
    [InlineData("99999999999", null, null)]
    public void Modes_are_read_as_s3fs_and_as_rclone_write_them(string text, NodeType? type, uint? mode)
    {
        var attributes = ObjectAttributes.Parse(new Dictionary<string, string> { ["mode"] = text });
        Assert.Equal((type, mode), (attributes.Type, attributes.Mode));
    }

    [Theory]
    [InlineData("25008")] // S_IFBLK | 0660
    [InlineData("8630")] // S_IFCHR | 0666
    [InlineData("60660")] // the same in rclone's octal digits
    [InlineData("20666")]
    [InlineData("24577")]
    public void A_device_in_the_bucket_is_a_file_here(string text) =>
        Assert.Null(ObjectAttributes.Parse(new Dictionary<string, string> { ["mode"] = text }).Type);

    [Theory]
    [InlineData("1700000000", 1_700_000_000_000_000_000)]
    [InlineData("1700000000.5", 1_700_000_000_500_000_000)]
    [InlineData("1700000000.123456789", 1_700_000_000_123_456_789)]
    [InlineData("1700000000.1234567891", 1_700_000_000_123_456_789)]
    [InlineData("0", 0L)]
    [InlineData("-1.999999999", -1L)]
    [InlineData("99999999999999", null)]
    [InlineData("1.-5", null)]
    [InlineData("yesterday", null)]
    public void Times_are_read_to_the_nanosecond(string text, long? time) =>
        Assert.Equal(time, ObjectAttributes.Parse(new Dictionary<string, string> { ["mtime"] = text }).ModifyTime);

    [Theory]
    [InlineData("0", 0u)]
    [InlineData("4294967294", 4294967294u)]
    [InlineData("4294967295", null)]
    [InlineData("-2", null)]
    [InlineData("root", null)]
    public void Owners_are_numbers(string text, uint? id)
    {
        var attributes = ObjectAttributes.Parse(new Dictionary<string, string> { ["uid"] = text, ["gid"] = text });
        Assert.Equal((id, id), (attributes.Uid, attributes.Gid));
    }

    [Theory]
    [InlineData(NodeType.File, 0b100_110_100_100u, 1_700_000_000_123_456_789, null)]
    [InlineData(NodeType.Directory, 0b001_111_111_111u, 0L, "%7B%7D")]
    [InlineData(NodeType.Symlink, 0b111_111_111u, -1L, null)]
    [InlineData(NodeType.Fifo, 0u, -1_500_000_000L, null)]
    [InlineData(NodeType.Socket, 0b111_000_000u, 1L, null)]
    public void What_is_written_is_read_back(NodeType type, uint mode, long time, string? extended)
    {
        var node = new NodeRow
        {
            Id = 1, Drive = 1, Parent = 1, Name = "n", Type = type, Mode = mode, Uid = 12, Gid = 34, ModifyTime = time, ExtendedAttributes = extended,
        };
        Assert.Equal(
            new ObjectAttributes { Type = type, Mode = mode, Uid = 12, Gid = 34, ModifyTime = time, ExtendedAttributes = extended },
            ObjectAttributes.Parse(ObjectAttributes.Format(node)));
    }
}
