using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Tests.Monitoring;

public sealed class MonitoringConfigTests
{
    [Fact]
    public void Metrics_and_log_are_read()
    {
        var mistakes = new List<string>();
        var agent = ConfigFile.Parse("""
            { "metrics": { "port": 9464, "otlp": "https://collector.example.com:4318/base" },
              "log": { "level": "warning", "format": "json", "fileSize": "1MiB", "files": 3 } }
            """, "/", mistakes).Agent;

        Assert.Empty(mistakes);
        Assert.Equal(new MetricsSettings { Port = 9464, Otlp = new Uri("https://collector.example.com:4318/base") }, agent.Metrics);
        Assert.Equal(new LogSettings { Level = LogLevel.Warning, Json = true, FileSize = 1 << 20, Files = 3 }, agent.Log);
    }

    [Theory]
    [InlineData("""{ "metrics": { "port": 0 } }""", "$.metrics.port: expected a whole number from 1 to 65535.")]
    [InlineData("""{ "metrics": { "otlp": "collector:4318" } }""", "$.metrics.otlp: expected an address such as \"http://127.0.0.1:4318\".")]
    [InlineData("""{ "metrics": { "otlp": "http://collector.example.com:4318" } }""", "$.metrics.otlp: use https, or a collector on this machine: others could read and change what is sent.")]
    [InlineData("""{ "metrics": { "otlp": "https://user:password@collector.example.com" } }""", "$.metrics.otlp: leave user and password out; OTEL_EXPORTER_OTLP_HEADERS takes what the collector wants to see.")]
    [InlineData("""{ "log": { "level": "loud" } }""", "$.log.level: expected debug, info, warning or error.")]
    [InlineData("""{ "log": { "format": "xml" } }""", "$.log.format: expected text or json.")]
    [InlineData("""{ "log": { "fileSize": "1KiB" } }""", "$.log.fileSize: expected a size from 64 KiB to 1 GiB, as bytes or like \"8MiB\".")]
    public void What_cannot_be_meant_is_said(string config, string mistake)
    {
        var mistakes = new List<string>();
        ConfigFile.Parse(config, "/", mistakes);
        Assert.Equal([mistake], mistakes);
    }
}
