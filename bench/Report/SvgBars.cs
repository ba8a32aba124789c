using System.Globalization;
using System.Security;
using System.Text;

namespace SyncAgent.Bench.Report;

/// <summary>Horizontal bars in groups, as a picture that also stands on a dark page.</summary>
internal static class SvgBars
{
    private const int Width = 720;
    private const int Left = 190;
    private const int Right = 90;
    private const int Bar = 18;
    private const int Gap = 5;
    private const int GroupGap = 16;
    private const int Top = 52;

    private static readonly (string Contender, string Colour)[] Colours =
    [
        ("native", "#8a8f98"), ("bare sender", "#8a8f98"), ("syncagent", "#1f77b4"), ("rclone", "#e07b39"), ("s3fs", "#3c9d6b"), ("aws", "#b0569a"), ("s3cmd", "#8c6d46"),
    ];

    /// <summary>Draws groups of bars; shorter is better.</summary>
    /// <param name="title">What is measured.</param>
    /// <param name="groups">Name of each group, and in it each contender with its figure, null for none.</param>
    public static string Draw(string title, IReadOnlyList<(string Name, IReadOnlyList<(string Contender, double? Value)> Bars)> groups)
    {
        // Figures of one unit have one scale.
        var longest = groups.GroupBy(group => Unit(group.Name)).ToDictionary(unit => unit.Key, unit => unit.SelectMany(group => group.Bars).Max(bar => bar.Value ?? 0));
        var height = Top + groups.Sum(group => 20 + (group.Bars.Count * (Bar + Gap)) + GroupGap);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"#ffffff\"/>\n<text x=\"12\" y=\"22\" font-size=\"14\" font-weight=\"bold\" fill=\"#222\">{SecurityElement.Escape(title)}</text>\n");
        svg.Append("<text x=\"12\" y=\"39\" fill=\"#666\">medians; shorter is better</text>\n");
        var y = Top;
        foreach (var (name, bars) in groups)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"12\" y=\"{y + 12}\" fill=\"#222\">{SecurityElement.Escape(name)}</text>\n");
            y += 20;
            foreach (var (contender, value) in bars)
            {
                var length = longest[Unit(name)] is > 0 and var most ? (value ?? 0) / most * (Width - Left - Right) : 0;
                var colour = Colours.FirstOrDefault(known => contender.StartsWith(known.Contender, StringComparison.Ordinal)).Colour ?? "#555555";
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{y + 13}\" text-anchor=\"end\" fill=\"#444\">{SecurityElement.Escape(contender)}</text>");
                svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"{y}\" width=\"{Math.Max(1, length):0.0}\" height=\"{Bar}\" fill=\"{colour}\"/>");
                svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left + length + 6:0.0}\" y=\"{y + 13}\" fill=\"#222\">{Text.Of(value)}</text>\n");
                y += Bar + Gap;
            }

            y += GroupGap;
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Unit(string figure) => figure[(figure.LastIndexOf(',') + 1)..];
}
