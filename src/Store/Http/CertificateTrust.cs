using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SyncAgent.Store;

/// <summary>
/// Which servers are who they say they are: those that the system trusts, and those whose chain ends in an extra authority.
/// The extra ones only stand in for a root that the system does not know; a wrong host name or a date that has passed stays a refusal.
/// </summary>
internal sealed class CertificateTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private const X509ChainStatusFlags UnknownRoot = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    private readonly X509Certificate2Collection _extra;

    private CertificateTrust(X509Certificate2Collection extra) => _extra = extra;

    /// <summary>Trusts the system's authorities and those in a PEM file, if any is named.</summary>
    public static CertificateTrust Load(string? caFile)
    {
        var extra = new X509Certificate2Collection();
        if (caFile is not null) extra.ImportFromPemFile(caFile);
        return new CertificateTrust(extra);
    }

    /// <summary>Why a file cannot be used, or null.</summary>
    public static string? Fault(string caFile)
    {
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPemFile(caFile);
            var count = found.Count;
            foreach (var certificate in found) certificate.Dispose();
            return count == 0 ? "there is no certificate in it; expected PEM (-----BEGIN CERTIFICATE-----)." : null;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>Whether to talk to this server. Instead of answering no it throws, so that the reason reaches the person.</summary>
    public bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        var host = (sender as SslStream)?.TargetHostName;
        if (certificate is not X509Certificate2 leaf || chain is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            throw new AuthenticationException($"{host} shows no certificate.");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            throw new AuthenticationException(
                $"The certificate of {host} is made out to another name ({leaf.Subject}). Check the endpoint, and whether a proxy answers in its place.");
        }

        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if ((status & ~UnknownRoot) != 0) throw new AuthenticationException($"The certificate of {host} cannot be used: {status}.");
        if (_extra.Count > 0 && EndsInAnExtraAuthority(leaf, chain)) return true;
        throw new AuthenticationException(
            $"The certificate of {host} was issued by {leaf.Issuer}, which is not trusted here ({status}). If it is the right one, "
            + $"{(_extra.Count > 0 ? "put its certificate into the caFile (--ca-file) that is set." : "name its PEM file as caFile (--ca-file).")}");
    }

    private bool EndsInAnExtraAuthority(X509Certificate2 leaf, X509Chain systemChain)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_extra);
        // The intermediates that the server sent.
        chain.ChainPolicy.ExtraStore.AddRange(systemChain.ChainPolicy.ExtraStore);
        chain.ChainPolicy.RevocationMode = systemChain.ChainPolicy.RevocationMode;
        chain.ChainPolicy.RevocationFlag = systemChain.ChainPolicy.RevocationFlag;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        return chain.Build(leaf);
    }
}
