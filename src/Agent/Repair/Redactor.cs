using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Repair;

/// <summary>
/// Takes out of texts what a support file must not hold. Secrets always go: the known ones by their value, others by what they look like.
/// Names of files, folders and hosts go unless the user wants them in: of a text only the words stay that the program itself has in its
/// messages, and numbers; everything else becomes a hash that is the same for the same word within one support file.
/// </summary>
internal sealed partial class Redactor
{
    private const int ShortestSecret = 4;
    private const string Mask = "***";

    private static readonly Lazy<FrozenSet<string>> Vocabulary = new(ReadVocabulary);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly bool _withNames;
    private readonly IReadOnlyList<string> _secrets;

    /// <summary>Makes a redactor for one support file.</summary>
    /// <param name="withNames">Whether names stay.</param>
    /// <param name="secrets">Texts that must not appear whatever they look like.</param>
    public Redactor(bool withNames, IEnumerable<string> secrets)
    {
        _withNames = withNames;
        _secrets = [.. secrets.Where(secret => secret.Length >= ShortestSecret).Distinct(StringComparer.Ordinal).OrderByDescending(secret => secret.Length)];
    }

    /// <summary>What this machine is known to have of secrets.</summary>
    public static IEnumerable<string> SecretsOf(DoctorCase patient)
    {
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (SecretVariable().IsMatch((string)variable.Key) && variable.Value is string value) foreach (var part in PartsOf(value)) yield return part;
        }

        foreach (var name in (string[])["OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
        {
            if (patient.Context.Environment(name) is { } value) yield return value;
        }

        if (AgentFile.Read(patient.State) is { } agent) yield return agent.Token;
        foreach (var target in patient.Config.Drives.Select(drive => drive.Target).Concat(patient.Drives.Select(drive => drive.Target)))
        {
            if (target.Connection.Proxy is { } proxy) foreach (var part in PartsOf(proxy)) yield return part;
            for (var source = target.Credentials; source is not null; source = source.Base)
            {
                if (source.Command is { } command) yield return command;
                if (source.AssumeRole?.ExternalId is { } external) yield return external;
            }
        }
    }

    /// <summary>A text without secrets and, unless they are wanted, without names.</summary>
    public string Text(string text)
    {
        text = Secrets(text);
        return _withNames ? text : Word().Replace(text, match => IsOurs(match.Value) ? match.Value : Hash(match.Value));
    }

    /// <summary>A text without secrets.</summary>
    public string Secrets(string text)
    {
        foreach (var secret in _secrets) text = text.Replace(secret, Mask, StringComparison.Ordinal);
        text = UserInfo().Replace(text, $"://{Mask}@");
        text = KeyId().Replace(text, match => match.Value[..4] + Mask);
        return Assignment().Replace(text, match => match.Groups[1].Value + Mask);
    }

    /// <summary>A name: itself, or its hash.</summary>
    public string Name(string name) => _withNames ? Secrets(name) : Hash(name);

    private string Hash(string word) => $"name-{Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(word)).AsSpan(0, 4))}";

    private static bool IsOurs(string word) => word.Length == 1 || word.All(char.IsAsciiDigit) || Vocabulary.Value.Contains(word);

    // A URL's user and password, also in their plain spelling.
    private static IEnumerable<string> PartsOf(string value)
    {
        yield return value;
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.UserInfo.Length == 0) yield break;
        foreach (var part in uri.UserInfo.Split(':'))
        {
            yield return part;
            yield return Uri.UnescapeDataString(part);
        }
    }

    // The texts of our own assemblies, as the compiler has put them there: what the program can say by itself.
    private static unsafe FrozenSet<string> ReadVocabulary()
    {
        var words = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var assembly in (Assembly[])
            [
                typeof(Redactor).Assembly, typeof(Store.StoreException).Assembly, typeof(Journal.JournalException).Assembly, typeof(Transfer.TransferOptions).Assembly,
                typeof(Fs.Core.FsError).Assembly, typeof(Fs.Linux.FuseException).Assembly,
            ])
        {
            if (!assembly.TryGetRawMetadata(out var blob, out var length)) continue;
            var metadata = new MetadataReader(blob, length);
            for (var handle = metadata.GetNextHandle(default(UserStringHandle)); !handle.IsNil; handle = metadata.GetNextHandle(handle))
                foreach (Match word in Word().Matches(metadata.GetUserString(handle))) words.Add(word.Value);
            foreach (var type in assembly.GetTypes().Where(type => type.IsEnum)) words.UnionWith(Enum.GetNames(type));
        }

        return words.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    [GeneratedRegex(@"[^\s!-/:-@\[-`{-~]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"://[^/@\s""']+@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"\b(?:LTAI|AKIA|ASIA|STS\.)[A-Za-z0-9.]{8,}")]
    private static partial Regex KeyId();

    [GeneratedRegex(@"(?i)((?:authorization|secret|password|passwd|token|signature|credential|access.?key.?id)[""']?\s*[:=]\s*(?:Bearer\s+)?)[^\s,;&}]+")]
    private static partial Regex Assignment();

    [GeneratedRegex("(?i)key|secret|token|password|passwd|credential|proxy")]
    private static partial Regex SecretVariable();
}
