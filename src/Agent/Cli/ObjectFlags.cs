using System.CommandLine;
using Microsoft.AspNetCore.StaticFiles;
using SyncAgent.Store;

namespace SyncAgent.Agent.Cli;

/// <summary>How an object is stored, on the command line.</summary>
internal sealed class ObjectFlags
{
    private static readonly FileExtensionContentTypeProvider Types = new();

    private readonly Option<string> _contentType = Text("--content-type", "Content-Type (default: by the key's extension)", "TYPE");
    private readonly Option<string> _cacheControl = Text("--cache-control", "Cache-Control that readers get", "TEXT");
    private readonly Option<string> _disposition = Text("--content-disposition", "Content-Disposition that readers get", "TEXT");
    private readonly Option<string> _encoding = Text("--content-encoding", "Content-Encoding that readers get; the bytes are sent as they are", "TEXT");
    private readonly Option<string[]> _metadata = Pairs("--meta", "User metadata; may be given more than once");
    private readonly Option<string[]> _tags = Pairs("--tag", "A tag; may be given up to ten times");
    private readonly Option<string> _acl = Text("--acl", "Access rule, e.g. private or public-read (default: the bucket's)", "RULE");
    private readonly Option<string> _storageClass = Text("--storage-class", "Storage class, e.g. Standard, IA, Archive (default: the bucket's)", "CLASS");
    private readonly Option<string> _encryption = Text("--encryption", "Encryption by the store: AES256 or KMS", "KIND");
    private readonly Option<string> _keyId = Text("--kms-key-id", "Key for --encryption KMS (default: the account's)", "ID");
    private readonly Option<string> _callbackUrl = Text("--callback-url", "The store calls this URL when the object is there", "URL");
    private readonly Option<string> _callbackBody = Text("--callback-body", "Body of that call, with ${object}, ${size}, ${x:name}, ...", "TEXT");
    private readonly Option<string> _callbackType = Text("--callback-body-type", "Content type of that body", "TYPE");
    private readonly Option<string> _callbackHost = Text("--callback-host", "Host header of that call", "HOST");
    private readonly Option<string[]> _callbackVariables = Pairs("--callback-var", "A variable of that body, named x:...; may be given more than once");
    private readonly Option<bool> _noOverwrite = new("--no-overwrite") { Description = "Fail when the key exists" };

    /// <summary>Adds the options to a command.</summary>
    public ObjectFlags(Command command)
    {
        Option[] all =
        [
            _contentType, _cacheControl, _disposition, _encoding, _metadata, _tags, _acl, _storageClass, _encryption, _keyId, _callbackUrl,
            _callbackBody, _callbackType, _callbackHost, _callbackVariables, _noOverwrite,
        ];
        foreach (var option in all) command.Options.Add(option);
    }

    /// <summary>The content type that a key's extension stands for, or null.</summary>
    public static string? ContentTypeOf(string key) => Types.TryGetContentType(key, out var type) ? type : null;

    /// <summary>What was given.</summary>
    /// <exception cref="CommandException">Options that need each other; exit code 64.</exception>
    public ObjectOptions Read(ParseResult parsed, string key) => new()
    {
        ContentType = parsed.GetValue(_contentType) ?? ContentTypeOf(key),
        CacheControl = parsed.GetValue(_cacheControl),
        ContentDisposition = parsed.GetValue(_disposition),
        ContentEncoding = parsed.GetValue(_encoding),
        Metadata = Map(parsed, _metadata),
        Tags = Map(parsed, _tags),
        Acl = parsed.GetValue(_acl),
        StorageClass = parsed.GetValue(_storageClass),
        Encryption = ReadEncryption(parsed),
        Callback = ReadCallback(parsed),
        ForbidOverwrite = parsed.GetValue(_noOverwrite),
    };

    private ServerSideEncryption? ReadEncryption(ParseResult parsed)
    {
        var keyId = parsed.GetValue(_keyId);
        if (parsed.GetValue(_encryption) is { } algorithm) return new ServerSideEncryption(algorithm, keyId);
        return keyId is null ? null : throw new CommandException(ExitCodes.Usage, $"{_keyId.Name} needs {_encryption.Name} KMS.");
    }

    private UploadCallback? ReadCallback(ParseResult parsed)
    {
        var (url, body) = (parsed.GetValue(_callbackUrl), parsed.GetValue(_callbackBody));
        if (url is null != body is null) throw new CommandException(ExitCodes.Usage, $"{_callbackUrl.Name} and {_callbackBody.Name} need each other.");
        if (url is null || body is null) return null;
        var callback = new UploadCallback(url, body) { Host = parsed.GetValue(_callbackHost), Variables = Map(parsed, _callbackVariables) };
        return parsed.GetValue(_callbackType) is { } type ? callback with { BodyType = type } : callback;
    }

    private static Dictionary<string, string> Map(ParseResult parsed, Option<string[]> option)
    {
        var map = new Dictionary<string, string>();
        foreach (var pair in parsed.GetValue(option) ?? [])
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0) throw new CommandException(ExitCodes.Usage, $"{option.Name}: \"{pair}\" is not NAME=VALUE.");
            map[pair[..at]] = pair[(at + 1)..];
        }

        return map;
    }

    private static Option<string> Text(string name, string description, string value) => new(name) { Description = description, HelpName = value };

    private static Option<string[]> Pairs(string name, string description) => new(name) { Description = description, HelpName = "NAME=VALUE" };
}
