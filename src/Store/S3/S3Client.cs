using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.S3;
using Amazon.S3.Internal;

namespace SyncAgent.Store;

/// <summary>
/// The vendor's client, tamed: no repeats but one after a wrong clock, no redirects, no checksums or encodings that other stores refuse,
/// nothing taken from the environment or from profiles.
/// </summary>
internal sealed class S3Client : AmazonS3Client
{
    private S3Client(AmazonS3Config config)
        : base(new AttemptCredentials(), config)
    {
    }

    public static S3Client Make(S3Endpoint endpoint, HttpClient http) => new(new AmazonS3Config
    {
        ServiceURL = endpoint.Service.GetLeftPart(UriPartial.Authority),
        AuthenticationRegion = endpoint.Region,
        ForcePathStyle = endpoint.PathStyle,
        IgnoreConfiguredEndpointUrls = true,
        DefaultConfigurationMode = DefaultConfigurationMode.Standard,
        RetryMode = RequestRetryMode.Standard,
        MaxErrorRetry = 0,
        MaxStaleConnectionRetries = 0,
        AllowAutoRedirect = false,
        DisableLogging = true,
        DisableS3ExpressSessionAuth = true,
        // The defaults send trailers that Swift, radosgw and OSS refuse.
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        HttpClientFactory = new SharedHttpClient(http),
    });

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        base.CustomizeRuntimePipeline(pipeline);
        pipeline.ReplaceHandler<RetryHandler>(new RetryHandler(new WrongClockOnly()));
        pipeline.RemoveHandler<AmazonS3RedirectHandler>();
        pipeline.AddHandlerBefore<RetryHandler>(new RequestAdjuster());
    }

    /// <summary>Puts into the request, before it is signed, what the client has no option for.</summary>
    private sealed class RequestAdjuster : PipelineHandler
    {
        public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            var attempt = S3Attempt.Current;
            var request = executionContext.RequestContext.Request;
            request.PrecomputedContentSha256 = attempt.PayloadSha256;
            if (attempt.Call.OmitContentType) request.Headers.Remove("Content-Type");
            if (attempt.Call.ReplacesChecksumByMd5) ReplaceChecksum(request);
            return base.InvokeAsync<T>(executionContext);
        }
    }

    private static void ReplaceChecksum(IRequest request)
    {
        foreach (var name in request.Headers.Keys.Where(name => name.Contains("checksum", StringComparison.OrdinalIgnoreCase)).ToList())
            request.Headers.Remove(name);
        var body = request.ContentStream;
        request.Headers["Content-MD5"] = Convert.ToBase64String(body is null ? MD5.HashData(request.Content) : MD5.HashData(body));
        if (body is not null) body.Position = 0;
    }

    /// <summary>The key of the attempt under way: whoever makes the call has asked for it just before.</summary>
    private sealed class AttemptCredentials : AWSCredentials
    {
        public override ImmutableCredentials GetCredentials()
        {
            var credentials = S3Attempt.Current.Credentials;
            return new ImmutableCredentials(credentials.AccessKeyId, credentials.AccessKeySecret, credentials.SecurityToken);
        }
    }

    /// <summary>
    /// Repeats nothing but a request that was refused (403) for its time, once, after the client has taken over the server's clock.
    /// <see cref="RetryingStore"/> does the rest: it knows which calls must not be made twice.
    /// </summary>
    private sealed class WrongClockOnly : RetryPolicy
    {
        public WrongClockOnly() => MaxRetries = 1;

        public override bool RetryLimitReached(IExecutionContext executionContext) => executionContext.RequestContext.Retries >= MaxRetries;

        public override bool CanRetry(IExecutionContext executionContext) =>
            S3Attempt.Current is { Failure: null, Status: System.Net.HttpStatusCode.Forbidden };

        public override bool RetryForException(IExecutionContext executionContext, Exception exception) => false;

        public override Task<bool> RetryForExceptionAsync(IExecutionContext executionContext, Exception exception) => Task.FromResult(false);

        // A kept connection that broke would otherwise be tried again up to ten times, whatever the call.
        public override bool IsStaleConnectionError(Exception exception) => false;

        public override void WaitBeforeRetry(IExecutionContext executionContext)
        {
        }

        public override Task WaitBeforeRetryAsync(IExecutionContext executionContext) => Task.CompletedTask;
    }

    private sealed class SharedHttpClient(HttpClient http) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => http;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
