using System.Security.Cryptography.X509Certificates;
using SyncAgent.TestKit;

namespace SyncAgent.Store.Tests;

public sealed class CertificateTrustTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("syncagent-ca-").FullName;
    private readonly TestAuthority _authority = TestAuthority.Create("Company Root");

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    public async Task An_own_authority_is_trusted_once_it_is_named(string host)
    {
        using var certificate = _authority.Issue(host);
        await using var server = await TlsServer.StartAsync(certificate);
        var info = await HeadAsync(server, host, _authority.WritePem(_folder));
        Assert.Equal((3, "E1"), (info.Size, info.ETag));
    }

    [Fact]
    public async Task Intermediates_that_the_server_sends_lead_to_the_authority()
    {
        using var between = _authority.CreateIntermediate("Company Servers");
        using var certificate = between.Issue("localhost");
        await using var server = await TlsServer.StartAsync(certificate, new X509Certificate2Collection(between.Certificate));
        Assert.Equal(3, (await HeadAsync(server, "localhost", _authority.WritePem(_folder))).Size);
    }

    [Fact]
    public async Task A_file_may_hold_several_authorities()
    {
        using var other = TestAuthority.Create("Other");
        using var certificate = _authority.Issue("localhost");
        await using var server = await TlsServer.StartAsync(certificate);
        var file = Path.Combine(_folder, "both.pem");
        await File.WriteAllTextAsync(file, $"{other.Certificate.ExportCertificatePem()}\n{_authority.Certificate.ExportCertificatePem()}\n");
        Assert.Equal(3, (await HeadAsync(server, "localhost", file)).Size);
    }

    [Fact]
    public async Task Without_its_authority_a_server_is_refused_and_the_error_says_what_to_do()
    {
        using var certificate = _authority.Issue("localhost");
        await using var server = await TlsServer.StartAsync(certificate);
        var error = await Assert.ThrowsAsync<StoreException>(() => HeadAsync(server, "localhost", caFile: null));
        Assert.Equal(StoreErrorKind.Network, error.Kind);
        Assert.Contains("CN=Company Root", error.Message, StringComparison.Ordinal);
        Assert.Contains("name its PEM file as caFile (--ca-file)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_authority_of_the_same_name_is_refused()
    {
        using var impostor = TestAuthority.Create("Company Root");
        using var certificate = impostor.Issue("localhost");
        await using var server = await TlsServer.StartAsync(certificate);
        var error = await Assert.ThrowsAsync<StoreException>(() => HeadAsync(server, "localhost", _authority.WritePem(_folder)));
        Assert.Contains("caFile", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_host_name_is_refused_whoever_signed_for_it()
    {
        using var certificate = _authority.Issue("elsewhere.example.com");
        await using var server = await TlsServer.StartAsync(certificate);
        var error = await Assert.ThrowsAsync<StoreException>(() => HeadAsync(server, "localhost", _authority.WritePem(_folder)));
        Assert.Contains("localhost is made out to another name (CN=elsewhere.example.com)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_out_of_date_is_refused()
    {
        using var certificate = _authority.Issue("localhost", until: new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var server = await TlsServer.StartAsync(certificate);
        var error = await Assert.ThrowsAsync<StoreException>(() => HeadAsync(server, "localhost", _authority.WritePem(_folder)));
        Assert.Contains("NotTimeValid", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_certificates_is_a_mistake_of_the_options()
    {
        var empty = Path.Combine(_folder, "empty.pem");
        File.WriteAllText(empty, "nothing\n");
        Assert.Contains("BEGIN CERTIFICATE", Assert.Single(new ConnectionOptions { CaFile = empty }.Validate()), StringComparison.Ordinal);
        var missing = Path.Combine(_folder, "missing.pem");
        Assert.Contains(missing, Assert.Single(new ConnectionOptions { CaFile = missing }.Validate()), StringComparison.Ordinal);
    }

    private static async Task<ObjectInfo> HeadAsync(TlsServer server, string host, string? caFile)
    {
        using var store = OssObjectStore.Create(
            OssClient.Options($"https://{host}:{server.Port}") with { Connection = new() { CaFile = caFile } },
            new StaticCredentials(new StoreCredentials("ak", "sk")), TimeProvider.System);
        return (await store.HeadAsync("k", default))!;
    }
}
