namespace SyncAgent.Store;

/// <summary>One call on OSS before it is addressed and signed; can be sent more than once.</summary>
/// <param name="operation">The call's name, for messages.</param>
/// <param name="method">HTTP method.</param>
/// <param name="key">Object key, or null for a call on the bucket.</param>
internal sealed class OssRequest(string operation, HttpMethod method, string? key)
{
    public string Operation { get; } = operation;

    public HttpMethod Method { get; } = method;

    public string? Key { get; } = key;

    /// <summary>Query parameters, not encoded.</summary>
    public List<KeyValuePair<string, string>> Query { get; } = [];

    /// <summary>Headers, names in lower case.</summary>
    public List<KeyValuePair<string, string>> Headers { get; } = [];

    /// <summary>The body, or null for none.</summary>
    public ObjectContent? Content { get; init; }

    /// <summary>Whether the call changes anything in the bucket. Such a call always has a body, if only an empty one: the HTTP
    /// handler silently repeats requests without a body when a kept connection breaks, and that may start an upload twice.</summary>
    public bool ChangesState => Content is not null;

    public OssRequest With(string parameter, string value = "")
    {
        Query.Add(new(parameter, value));
        return this;
    }

    public OssRequest With(string parameter, int value) => With(parameter, value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public OssRequest WithOptional(string parameter, string? value) => string.IsNullOrEmpty(value) ? this : With(parameter, value);

    public OssRequest WithHeader(string name, string? value)
    {
        if (value is not null) Headers.Add(new(name, value));
        return this;
    }
}
