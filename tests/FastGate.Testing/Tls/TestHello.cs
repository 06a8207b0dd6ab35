using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;

namespace FastGate.Testing.Tls;

/// <summary>The first message of a TLS client.</summary>
internal static class TestHello
{
    public static async Task<byte[]> CreateAsync(SslProtocols version = SslProtocols.None)
    {
        var connection = new InMemoryConnection();
        await using var client = new SslStream(new PeerStream(connection), leaveInnerStreamOpen: true);
        Task handshake = client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "gate.example", EnabledSslProtocols = version });
        PipeReader sent = ((IDuplexPipe)connection).Input;
        ReadResult read = await sent.ReadAsync();
        byte[] hello = read.Buffer.ToArray();
        sent.AdvanceTo(read.Buffer.End);

        // The client must have returned its buffers before a test counts them.
        await ((IDuplexPipe)connection).Output.CompleteAsync();
        await handshake.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return hello;
    }

    /// <summary>Of a client that offers nothing later than TLS 1.1.</summary>
    public static async Task<byte[]> CreateOldAsync()
    {
        byte[] hello = await CreateAsync(SslProtocols.Tls12);

        // The version of the message. A client of TLS 1.2 has no list of versions.
        hello[10] = 2;
        return hello.AsSpan().IndexOf<byte>([0x00, 0x2B]) < 0 ? hello : throw new InvalidOperationException("The hello has a list of versions.");
    }
}
