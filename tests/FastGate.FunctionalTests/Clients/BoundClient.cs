using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace FastGate.FunctionalTests.Clients;

/// <summary>An HTTP client whose connections come from another loopback address, to tell it from a proxy.</summary>
public static class BoundClient
{
    /// <param name="source">Where its connections come from.</param>
    /// <param name="thumbprint">The only certificate that it trusts.</param>
    public static HttpMessageInvoker Create(IPAddress source, string? thumbprint) => new(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == thumbprint },
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(source, 0));
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });
}
