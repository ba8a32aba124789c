using System.Text;
using SyncAgent.Tray.Api;

namespace SyncAgent.Tray.Tests.Api;

/// <summary>The format of server-sent events.</summary>
public sealed class EventStreamTests
{
    [Theory]
    [InlineData("event: a\ndata: 1\n\n", "a=1")]
    [InlineData("data: 1\n\n", "message=1")]
    [InlineData("event:a\r\ndata:1\r\ndata: 2\r\n\r\n", "a=1\n2")]
    [InlineData(": comment\nevent: a\nid: 7\ndata\n\n", "a=")]
    [InlineData("event: lost\n\ndata: x\n\n", "message=x")]
    [InlineData("event: a\ndata: 1\n", "")]
    [InlineData("event: a\ndata: 1\n\nevent: b\ndata:  2\n\n", "a=1|b= 2")]
    public async Task Events_are_read_as_the_standard_says(string text, string expected)
    {
        using var stream = new EventStream(new MemoryStream(Encoding.UTF8.GetBytes(text)), TimeProvider.System);
        List<string> read = [];
        while (await stream.ReadAsync(default) is { } message) read.Add($"{message.Name}={message.Data}");
        Assert.Equal(expected, string.Join('|', read));
    }
}
