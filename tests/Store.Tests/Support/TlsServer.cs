using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SyncAgent.Store.Tests;

/// <summary>A real HTTPS server on loopback that has one object of 3 bytes under every key, or answers as it is told.</summary>
internal sealed class TlsServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TlsServer(WebApplication application, int port)
    {
        _application = application;
        Port = port;
    }

    public int Port { get; }

    public static async Task<TlsServer> StartAsync(
        X509Certificate2 certificate, X509Certificate2Collection? chain = null, RequestDelegate? answer = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = certificate;
            https.ServerCertificateChain = chain;
        })));
        var application = builder.Build();
        application.Run(answer ?? (context =>
        {
            context.Response.Headers.ETag = "\"E1\"";
            context.Response.Headers.LastModified = "Sat, 21 Nov 2026 12:00:00 GMT";
            context.Response.ContentLength = 3;
            return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync("abc");
        }));
        await application.StartAsync();
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new TlsServer(application, new Uri(addresses.Addresses.Single()).Port);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
