using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.DevStore;

/// <summary>Refuses every request that is not signed by a configured key, recently, for this region.</summary>
internal sealed class Authenticator(DevStoreOptions options)
{
    private static readonly TimeSpan AllowedSkew = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan LongestPresigned = TimeSpan.FromDays(7);
    private const string TimestampFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <exception cref="OssException">With the code that says why.</exception>
    public void Check(OssRequest request)
    {
        string? header = request.Header("authorization");
        if (header?.StartsWith(SignatureV4.Algorithm + " ", StringComparison.Ordinal) == true) CheckV4Header(request, header);
        else if (header?.StartsWith("OSS ", StringComparison.Ordinal) == true) CheckV1Header(request, header);
        else if (header is not null) throw OssErrors.InvalidArgument("The Authorization header has an unknown form.");
        else if (request.Has("x-oss-signature")) CheckV4Presigned(request);
        else if (request.Has("Signature") && request.Has("OSSAccessKeyId")) CheckV1Presigned(request);
        else throw OssErrors.AccessDenied("Anonymous access is forbidden for this operation.");
    }

    private void CheckV4Header(OssRequest request, string header)
    {
        var fields = header[(SignatureV4.Algorithm.Length + 1)..]
            .Split(',', StringSplitOptions.TrimEntries)
            .Select(field => field.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.First()[1]);
        string credential = fields.GetValueOrDefault("Credential") ?? throw OssErrors.InvalidArgument("Authorization has no Credential.");
        string signature = fields.GetValueOrDefault("Signature") ?? throw OssErrors.InvalidArgument("Authorization has no Signature.");
        if (request.Header("x-oss-content-sha256") != SignatureV4.UnsignedPayload)
            throw OssErrors.InvalidArgument($"x-oss-content-sha256 must be {SignatureV4.UnsignedPayload}.");
        string timestamp = request.Header("x-oss-date") ?? throw OssErrors.AccessDenied("x-oss-date is missing.");
        DateTimeOffset signedAt = ParseTimestamp(timestamp);
        var scope = Scope.Parse(credential);
        DevStoreCredential key = FindKey(scope.AccessKeyId, request.Header("x-oss-security-token"));
        CheckSkew(signedAt);
        CheckScope(scope, timestamp);
        CheckV4(request, key, scope, timestamp, fields.GetValueOrDefault("AdditionalHeaders"), signature);
    }

    private void CheckV4Presigned(OssRequest request)
    {
        string Required(string name) => request.Parameter(name) ?? throw OssErrors.MissingArgument(name);
        if (Required("x-oss-signature-version") != SignatureV4.Algorithm)
            throw OssErrors.InvalidArgument($"x-oss-signature-version must be {SignatureV4.Algorithm}.");
        string timestamp = Required("x-oss-date");
        DateTimeOffset signedAt = ParseTimestamp(timestamp);
        if (!int.TryParse(Required("x-oss-expires"), NumberStyles.None, CultureInfo.InvariantCulture, out int expires)
            || expires < 1 || expires > LongestPresigned.TotalSeconds)
            throw OssErrors.InvalidArgument("x-oss-expires is 1 to 604800 seconds.");
        var scope = Scope.Parse(Required("x-oss-credential"));
        DevStoreCredential key = FindKey(scope.AccessKeyId, request.Parameter("x-oss-security-token"));
        DateTimeOffset now = options.TimeProvider.GetUtcNow();
        if (signedAt - now > AllowedSkew) throw Skewed(signedAt);
        if (now > signedAt.AddSeconds(expires)) throw OssErrors.AccessDenied("Request has expired.");
        CheckScope(scope, timestamp);
        CheckV4(request, key, scope, timestamp, request.Parameter("x-oss-additional-headers"), request.Parameter("x-oss-signature")!);
    }

    private static void CheckV4(
        OssRequest request, DevStoreCredential key, Scope scope, string timestamp, string? additionalHeaders, string signature)
    {
        string[] additional = additionalHeaders?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (!additional.SequenceEqual(additional.Select(n => n.ToLowerInvariant()).Order(StringComparer.Ordinal)))
            throw OssErrors.InvalidArgument("Additional headers are lower case and sorted.");
        if (additional.FirstOrDefault(name => request.Header(name) is null) is { } absent)
            throw OssErrors.InvalidArgument($"Additional header {absent} is not present.");
        string canonical = SignatureV4.CanonicalRequest(request, additional);
        string toSign = SignatureV4.StringToSign(canonical, timestamp, scope.Text);
        Compare(SignatureV4.Sign(key.AccessKeySecret, scope.Date, scope.Region, toSign), signature, toSign, canonical);
    }

    private void CheckV1Header(OssRequest request, string header)
    {
        string[] pair = header["OSS ".Length..].Split(':', 2);
        if (pair.Length != 2) throw OssErrors.InvalidArgument("Authorization is OSS, a space, the key id, a colon, the signature.");
        string date = request.Header("x-oss-date") ?? request.Header("date") ?? throw OssErrors.AccessDenied("Date is missing.");
        if (!DateTimeOffset.TryParseExact(date, "R", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset signedAt))
            throw OssErrors.AccessDenied("Date is not in RFC 1123 form.");
        DevStoreCredential key = FindKey(pair[0], request.Header("x-oss-security-token"));
        CheckSkew(signedAt);
        string toSign = SignatureV1.StringToSign(request, date);
        Compare(SignatureV1.Sign(key.AccessKeySecret, toSign), pair[1], toSign, null);
    }

    private void CheckV1Presigned(OssRequest request)
    {
        string expires = request.Parameter("Expires") ?? throw OssErrors.MissingArgument("Expires");
        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds))
            throw OssErrors.InvalidArgument("Expires is in Unix seconds.");
        DevStoreCredential key = FindKey(request.Parameter("OSSAccessKeyId")!, request.Parameter("security-token"));
        if (options.TimeProvider.GetUtcNow().ToUnixTimeSeconds() > seconds) throw OssErrors.AccessDenied("Request has expired.");
        string toSign = SignatureV1.StringToSign(request, expires);
        Compare(SignatureV1.Sign(key.AccessKeySecret, toSign), request.Parameter("Signature")!, toSign, null);
    }

    private DevStoreCredential FindKey(string accessKeyId, string? token)
    {
        List<DevStoreCredential> known = [.. options.Credentials.Where(c => c.AccessKeyId == accessKeyId)];
        if (known.Count == 0) throw new OssException(403, "InvalidAccessKeyId", "The access key id does not exist in our records.");
        DevStoreCredential key = known.Find(c => SameText(c.SecurityToken ?? "", token ?? ""))
            ?? throw new OssException(403, "InvalidSecurityToken", "The security token is missing or is not this key's.");
        if (key.ExpiresAt <= options.TimeProvider.GetUtcNow())
            throw new OssException(403, "SecurityTokenExpired", "The security token you provided has expired.");
        return key;
    }

    private void CheckSkew(DateTimeOffset signedAt)
    {
        if ((options.TimeProvider.GetUtcNow() - signedAt).Duration() > AllowedSkew) throw Skewed(signedAt);
    }

    private OssException Skewed(DateTimeOffset signedAt) =>
        new(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
        {
            Details =
            [
                ("RequestTime", signedAt.ToIso()),
                ("ServerTime", options.TimeProvider.GetUtcNow().ToIso()),
                ("MaxAllowedSkewMilliseconds", $"{AllowedSkew.TotalMilliseconds:F0}"),
            ],
        };

    private void CheckScope(Scope scope, string timestamp)
    {
        if (scope.Region != options.Region) throw OssErrors.InvalidArgument($"Invalid signing region in Authorization: expected {options.Region}.");
        if (scope.Date != timestamp[..8]) throw OssErrors.InvalidArgument("The scope's date is not that of x-oss-date.");
    }

    private static DateTimeOffset ParseTimestamp(string text) =>
        DateTimeOffset.TryParseExact(text, TimestampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw OssErrors.InvalidArgument("x-oss-date is not of the form yyyyMMddTHHmmssZ.");

    /// <summary>The answer shows what was signed here, as the service's does, so that a signer's author can compare.</summary>
    private static void Compare(string expected, string received, string stringToSign, string? canonicalRequest)
    {
        if (SameText(expected, received)) return;
        throw new OssException(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the one you provided.")
        {
            Details = canonicalRequest is null
                ? [("StringToSign", stringToSign)]
                : [("StringToSign", stringToSign), ("CanonicalRequest", canonicalRequest)],
        };
    }

    private static bool SameText(string expected, string received) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(received));

    private sealed record Scope(string AccessKeyId, string Date, string Region)
    {
        public string Text => $"{Date}/{Region}/oss/{SignatureV4.Terminator}";

        public static Scope Parse(string credential)
        {
            string[] pieces = credential.Split('/');
            if (pieces.Length != 5 || pieces[3] != "oss" || pieces[4] != SignatureV4.Terminator)
                throw OssErrors.InvalidArgument($"The credential is id/date/region/oss/{SignatureV4.Terminator}.");
            return new Scope(pieces[0], pieces[1], pieces[2]);
        }
    }
}
