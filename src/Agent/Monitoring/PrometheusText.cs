using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace SyncAgent.Agent.Monitoring;

/// <summary>
/// Writes collected metrics in Prometheus' text format 0.0.4: https://prometheus.io/docs/instrumenting/exposition_formats/. Names are made as the
/// OpenTelemetry specification says (Prometheus and OpenMetrics compatibility): underscores, the unit, "_total" for counters.
/// </summary>
internal sealed class PrometheusText : BaseExporter<Metric>
{
    /// <summary>Media type of the text.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>What was collected last.</summary>
    public string Text { get; private set; } = "";

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        // All metrics come in one batch, and collections one after the other.
        _text.Clear();
        foreach (var metric in batch) Write(metric);
        Text = _text.ToString();
        return ExportResult.Success;
    }

    /// <summary>A metric's name as Prometheus has it.</summary>
    public static string NameOf(string name, string unit, bool isCounter)
    {
        var text = string.Concat(name.Select((letter, index) => char.IsAsciiLetter(letter) || letter == ':' || (char.IsAsciiDigit(letter) && index > 0) ? letter : '_'));
        var word = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "", // "1", and annotations such as {file}
        };
        if (!text.EndsWith(word, StringComparison.Ordinal)) text += word;
        return isCounter ? text + "_total" : text;
    }

    private void Write(Metric metric)
    {
        var isHistogram = metric.MetricType == MetricType.Histogram;
        var isCounter = metric.MetricType is MetricType.LongSum or MetricType.DoubleSum;
        var name = NameOf(metric.Name, metric.Unit, isCounter);
        _text.Append("# HELP ").Append(name).Append(' ').Append(Escape(metric.Description, quotes: false)).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(isHistogram ? " histogram\n" : isCounter ? " counter\n" : " gauge\n");
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            if (isHistogram) WriteHistogram(name, point);
            else WriteSample(name, point.Tags, null, Value(metric.MetricType, point));
        }
    }

    private void WriteHistogram(string name, in MetricPoint point)
    {
        long count = 0;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            WriteSample(name + "_bucket", point.Tags, Number(bucket.ExplicitBound), Number(count));
        }

        WriteSample(name + "_sum", point.Tags, null, Number(point.GetHistogramSum()));
        WriteSample(name + "_count", point.Tags, null, Number(point.GetHistogramCount()));
    }

    private void WriteSample(string name, ReadOnlyTagCollection tags, string? bound, string value)
    {
        _text.Append(name);
        var separator = '{';
        foreach (var tag in tags)
        {
            _text.Append(separator).Append(NameOf(tag.Key, "", isCounter: false)).Append("=\"")
                .Append(Escape(Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "", quotes: true)).Append('"');
            separator = ',';
        }

        if (bound is not null) _text.Append(separator).Append("le=\"").Append(bound).Append('"');
        if (separator == ',' || bound is not null) _text.Append('}');
        _text.Append(' ').Append(value).Append('\n');
    }

    private static string Value(MetricType type, in MetricPoint point) => type switch
    {
        MetricType.LongSum or MetricType.LongSumNonMonotonic => Number(point.GetSumLong()),
        MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic => Number(point.GetSumDouble()),
        MetricType.LongGauge => Number(point.GetGaugeLastValueLong()),
        MetricType.DoubleGauge => Number(point.GetGaugeLastValueDouble()),
        _ => throw new NotSupportedException($"{type} has no place in the text format; no view asks for it."),
    };

    private static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }
}
