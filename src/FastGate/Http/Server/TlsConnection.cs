using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using FastGate.Transport.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace FastGate.Http.Server;

/// <summary>
/// TLS on an HTTP listener, beside plain connections. Unlike a device, which connects for hours, its clients are few at a time: the bound of connections
/// is also that of handshakes, and they wait on the pool.
/// </summary>
internal sealed class TlsConnection(IDuplexPipe encrypted, SslStream library) : IDuplexPipe, ITlsConnectionFeature
{
    /// <summary>The first byte of a TLS client.</summary>
    public const int FirstByte = 0x16;

    private static readonly TimeSpan s_handshakeLimit = TimeSpan.FromSeconds(10);

    public PipeReader Input { get; } = PipeReader.Create(library, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));

    public PipeWriter Output { get; } = PipeWriter.Create(library, new StreamPipeWriterOptions(leaveOpen: true));

    /// <summary>Clients are asked for no certificate.</summary>
    public X509Certificate2? ClientCertificate { get; set; }

    public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);

    /// <summary>Makes the handshake and serves the connection. A client that fails ends its own connection only.</summary>
    public static async Task RunAsync(ConnectionContext connection, ITlsCertificates certificates, ConnectionDelegate next)
    {
        IDuplexPipe encrypted = connection.Transport;
        var library = new SslStream(new DuplexPipeStream(encrypted), leaveInnerStreamOpen: true);
        await using (library)
        {
            if (!await TryHandshakeAsync(encrypted.Input, certificates, library))
            {
                return;
            }

            var pipe = new TlsConnection(encrypted, library);
            connection.Features.Set<ITlsConnectionFeature>(pipe);
            connection.Transport = pipe;
            try
            {
                await next(connection);
                await pipe.EndAsync();
            }
            finally
            {
                connection.Transport = encrypted;
            }
        }
    }

    private static async Task<bool> TryHandshakeAsync(PipeReader input, ITlsCertificates certificates, SslStream library)
    {
        using var limit = new CancellationTokenSource(s_handshakeLimit);
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync(limit.Token);
                OperationStatus status = ClientHello.Read(read.Buffer.ToArray(), out ClientHello hello, out _);
                bool isShort = status == OperationStatus.NeedMoreData;
                input.AdvanceTo(read.Buffer.Start, isShort ? read.Buffer.End : read.Buffer.Start);
                if (status == OperationStatus.InvalidData || (isShort && read.IsCompleted))
                {
                    return false;
                }

                if (!isShort)
                {
                    await library.AuthenticateAsServerAsync(certificates.Select(hello), limit.Token);
                    return true;
                }
            }
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Sends what the server has written, and that nothing follows.</summary>
    private async Task EndAsync()
    {
        try
        {
            await Output.CompleteAsync();
            await library.ShutdownAsync();
            await encrypted.Output.FlushAsync();
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The client has gone.
        }

        await Input.CompleteAsync();
    }
}
