using SyncAgent.Agent.Configuration.Keys;
using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration;

/// <summary>Reads where keys come from: one word or line, or, in a configuration file, a section with everything.</summary>
internal static class CredentialsReader
{
    /// <summary>The short forms, for messages.</summary>
    public const string Forms = "env, file[:PATH][#PROFILE], process:COMMAND, ecs[:ROLE] or assume-role:ROLEARN";

    /// <summary>Reads the short form.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="folder">What relative paths are relative to.</param>
    /// <param name="where">Where it stands, for messages.</param>
    /// <param name="mistakes">Takes the mistakes.</param>
    public static CredentialsSettings Parse(string text, string folder, string where, ICollection<string> mistakes)
    {
        var at = text.IndexOf(':', StringComparison.Ordinal);
        var hash = text.IndexOf('#', StringComparison.Ordinal);
        // "file#profile" has no path, though the profile may have a colon in it.
        if (hash >= 0 && (at < 0 || hash < at)) at = -1;
        var kind = at >= 0 ? text[..at] : hash >= 0 ? text[..hash] : text;
        var rest = at >= 0 ? text[(at + 1)..] : "";
        switch (kind)
        {
            case "env" when rest.Length == 0 && hash < 0: return CredentialsSettings.Environment;
            case "file": return ParseFile(at >= 0 ? rest : hash >= 0 ? text[hash..] : "", folder);
            case "process": return Checked(new CredentialsSettings { Source = CredentialsSource.Process, Command = rest }, _ => where, mistakes);
            case "ecs" when hash < 0: return new CredentialsSettings { Source = CredentialsSource.Ecs, Role = NullIfEmpty(rest) };
            case "assume-role":
                return Checked(
                    new CredentialsSettings { Source = CredentialsSource.AssumeRole, AssumeRole = new AssumeRoleOptions { RoleArn = rest } }, _ => where, mistakes);
            default:
                // What was given is not repeated: it may be the keys themselves.
                mistakes.Add($"{where}: expected {Forms}.");
                return CredentialsSettings.Environment;
        }
    }

    /// <summary>The short form of a source, as <see cref="Parse"/> reads it; null for the default. What only a section can say is left out.</summary>
    public static string? Format(CredentialsSettings settings) => settings.Source switch
    {
        CredentialsSource.File => "file" + (settings.Path is null ? "" : $":{settings.Path}") + (settings.Profile is null ? "" : $"#{settings.Profile}"),
        CredentialsSource.Process => $"process:{settings.Command}",
        CredentialsSource.Ecs => settings.Role is null ? "ecs" : $"ecs:{settings.Role}",
        CredentialsSource.AssumeRole => $"assume-role:{settings.AssumeRole!.RoleArn}",
        _ => null,
    };

    /// <summary>Reads where keys come from, or null when nothing says it. Relative paths are relative to <paramref name="folder"/>.</summary>
    public static CredentialsSettings? Read(GivenValues given, SectionKey key, string folder)
    {
        if (given.ShortForm(key) is { } text) return Parse(text, folder, given.At(key), given.Mistakes);
        if (given.Section(key) is not { } section) return null;
        var source = section.Value(CredentialsKeys.Source);
        if (!section.Has(CredentialsKeys.Source)) section.Refuse(CredentialsKeys.Source, $"expected {CredentialsKeys.Source.Expected}.");
        var settings = new CredentialsSettings
        {
            Source = source ?? CredentialsSource.Environment,
            Path = section.Text(CredentialsKeys.Path) is { Length: > 0 } path ? Absolute(path, folder) : null,
            Profile = section.Text(CredentialsKeys.Profile),
            Command = section.Text(CredentialsKeys.Command),
            Shell = section.Flag(CredentialsKeys.Shell),
            Timeout = section.Value(CredentialsKeys.Timeout),
            Role = section.Text(CredentialsKeys.Role),
            Base = Read(section, CredentialsKeys.Base, folder),
        };
        var role = new AssumeRoleOptions
        {
            RoleArn = section.Text(CredentialsKeys.RoleArn) ?? "",
            Duration = section.Value(CredentialsKeys.Duration),
            Policy = section.Text(CredentialsKeys.Policy),
            ExternalId = section.Text(CredentialsKeys.ExternalId),
            Region = section.Text(CredentialsKeys.StsRegion),
            Endpoint = EndpointOf(section),
        };
        if (section.Text(CredentialsKeys.SessionName) is { } session) role = role with { SessionName = session };
        if (settings.Source is CredentialsSource.AssumeRole) settings = settings with { AssumeRole = role };
        return Checked(settings, section.At, section.Mistakes);
    }

    private static CredentialsSettings ParseFile(string rest, string folder)
    {
        var hash = rest.LastIndexOf('#');
        var path = hash < 0 ? rest : rest[..hash];
        return new CredentialsSettings
        {
            Source = CredentialsSource.File,
            Path = path.Length == 0 ? null : Absolute(path, folder),
            Profile = hash < 0 ? null : NullIfEmpty(rest[(hash + 1)..]),
        };
    }

    private static Uri? EndpointOf(ConfigSection section)
    {
        if (section.Text(CredentialsKeys.StsEndpoint) is not { Length: > 0 } text) return null;
        if (Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}", UriKind.Absolute, out var uri)) return uri;
        section.Refuse(CredentialsKeys.StsEndpoint, "expected a host or a URL.");
        return null;
    }

    private static CredentialsSettings Checked(CredentialsSettings settings, Func<string, string> where, ICollection<string> mistakes)
    {
        if (settings.Source is CredentialsSource.Process)
        {
            if (string.IsNullOrWhiteSpace(settings.Command)) mistakes.Add($"{where("command")}: the credentials command is not set.");
            else if (!settings.Shell && !ProcessCredentials.IsCommandLine(settings.Command))
                mistakes.Add($"{where("command")}: the credentials command has a quote that is never closed.");
        }

        foreach (var error in settings.AssumeRole?.Validate() ?? [])
        {
            // The store's sentences begin with the option that they are about.
            var name = error[..error.IndexOfAny([' ', ':'])];
            mistakes.Add($"{where(name switch { "Region" => "stsRegion", "Endpoint" => "stsEndpoint", "Duration" => "durationSeconds", _ => char.ToLowerInvariant(name[0]) + name[1..] })}: {error}");
        }

        return settings;
    }

    /// <summary>An absolute path; "~/" is the user's own folder.</summary>
    public static string Absolute(string path, string folder) => path.StartsWith("~/", StringComparison.Ordinal)
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..])
        : Path.GetFullPath(path, folder);

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
