using System.Net.Security;

namespace FastGate.Transport.Tls;

/// <summary>Chooses the certificate of a handshake. Any thread.</summary>
internal interface ITlsCertificates
{
    /// <summary>The options for a client. The same object for the same certificate, because sessions are resumed by it.</summary>
    SslServerAuthenticationOptions Select(in ClientHello hello);
}
