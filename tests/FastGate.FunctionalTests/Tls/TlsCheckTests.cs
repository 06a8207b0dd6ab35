using System.Diagnostics;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Tls;

/// <summary>What scanners of TLS servers look for, by <c>openssl s_client</c>, on the device port and the public HTTP port.</summary>
public sealed class TlsCheckTests(TlsCheckFixture fixture) : IClassFixture<TlsCheckFixture>
{
    [RequiresProgramTheory(RequiredProgram.Openssl)]
    [InlineData("-tls1")]
    [InlineData("-tls1_1")]
    public async Task Old_versions_are_refused(string version) =>
        await AssertRefusedAsync("alert protocol version", version, "-cipher", "DEFAULT@SECLEVEL=0");

    /// <summary>The library of the client has no SSL 3.0: a hello of that version, with two suites.</summary>
    [Fact]
    public async Task Ssl_3_is_refused()
    {
        byte[] hello = [0x16, 3, 0, 0, 45, 1, 0, 0, 41, 3, 0, .. new byte[32], 0, 0, 2, 0, 0x35, 1, 0];
        foreach (int port in fixture.Ports)
        {
            using RawConnection client = await RawConnection.OpenAsync(port);
            await client.SendAsync(hello);
            byte[] answer = await client.ReadToEndAsync();

            // Nothing, or an alert: never a hello of the server.
            Assert.True(answer.Length == 0 || answer[0] == 0x15, Convert.ToHexString(answer));
        }
    }

    [RequiresProgramTheory(RequiredProgram.Openssl)]
    [InlineData("NULL:eNULL")]
    [InlineData("aNULL")]
    [InlineData("EXPORT:LOW:RC4:3DES:IDEA:SEED:CAMELLIA")]
    [InlineData("kRSA")]
    [InlineData("PSK:SRP")]
    public async Task Weak_ciphers_and_key_exchanges_without_forward_secrecy_are_refused(string ciphers)
    {
        // The client may have none of them either.
        string[] arguments = ["-tls1_2", "-cipher", $"{ciphers}@SECLEVEL=0"];
        foreach (int port in fixture.Ports)
        {
            foreach (string name in (string[])["gate.example", "other.example"])
            {
                string output = await ConnectAsync(port, [.. arguments, "-servername", name]);
                Assert.Matches("alert handshake failure|no cipher match|no ciphers available", output);
                Assert.DoesNotContain("New, TLSv1.2", output, StringComparison.Ordinal);
            }
        }
    }

    [RequiresProgramTheory(RequiredProgram.Openssl)]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_client_that_offers_only_http_2_is_refused(string version) =>
        await AssertRefusedAsync("alert no application protocol", version, "-alpn", "h2");

    [RequiresProgramTheory(RequiredProgram.Openssl)]
    [InlineData("-tls1_2", "Secure Renegotiation IS supported")]
    [InlineData("-tls1_3", "New, TLSv1.3")]
    public async Task Nothing_is_compressed_and_http_1_1_is_negotiated(string version, string expected)
    {
        foreach (int port in fixture.Ports)
        {
            string output = await ConnectAsync(port, version, "-comp", "-alpn", "h2,http/1.1");
            Assert.Contains("Compression: NONE", output, StringComparison.Ordinal);
            Assert.Contains("ALPN protocol: http/1.1", output, StringComparison.Ordinal);
            Assert.Contains(expected, output, StringComparison.Ordinal);
        }
    }

    [RequiresProgramFact(RequiredProgram.Openssl)]
    public async Task Ecdsa_comes_before_rsa_where_the_client_can_use_it()
    {
        foreach (int port in fixture.Ports)
        {
            Assert.Contains("Peer signature type: ECDSA", await ConnectAsync(port, "-tls1_3"), StringComparison.Ordinal);
            Assert.Contains("Peer signature type: ECDSA", await ConnectAsync(port, "-tls1_2"), StringComparison.Ordinal);
            Assert.Contains("Peer signature type: RSA", await ConnectAsync(port, "-tls1_3", "-sigalgs", "RSA-PSS+SHA256"), StringComparison.Ordinal);
            Assert.Contains("Peer signature type: RSA", await ConnectAsync(port, "-tls1_2", "-cipher", "ECDHE+aRSA"), StringComparison.Ordinal);
        }
    }

    [RequiresProgramTheory(RequiredProgram.Openssl)]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_session_is_resumed(string version)
    {
        foreach (int port in fixture.Ports)
        {
            string session = Path.Combine(TlsCheckFixture.Folder, $"session{version}-{port}");
            Assert.Contains("New, TLSv1.", await ConnectAsync(port, version, "-sess_out", session), StringComparison.Ordinal);
            Assert.Contains("Reused, TLSv1.", await ConnectAsync(port, version, "-sess_in", session), StringComparison.Ordinal);
        }
    }

    [RequiresProgramFact(RequiredProgram.Openssl)]
    public async Task The_answer_of_the_issuer_about_the_certificate_is_stapled()
    {
        foreach (int port in fixture.Ports)
        {
            // The library asks the responder in the background; a client before the answer gets none.
            await Eventually.TrueAsync(
                async () => (await ConnectAsync(port, "-status")).Contains("OCSP Response Status: successful", StringComparison.Ordinal), Deadline.Program);
        }

        Assert.Contains("Cert Status: good", await ConnectAsync(fixture.Ports[0], "-status"), StringComparison.Ordinal);
    }

    private async Task AssertRefusedAsync(string alert, params string[] arguments)
    {
        foreach (int port in fixture.Ports)
        {
            string output = await ConnectAsync(port, arguments);
            Assert.Contains(alert, output, StringComparison.Ordinal);
            Assert.DoesNotContain("New, TLSv1", output, StringComparison.Ordinal);
        }
    }

    /// <summary>A connection of <c>openssl s_client</c> with one request, up to the end that the server makes.</summary>
    private static async Task<string> ConnectAsync(int port, params string[] arguments)
    {
        string[] name = arguments.Contains("-servername") ? [] : ["-servername", "gate.example"];
        using Process client = ExternalProgram.Start("openssl", ["s_client", "-connect", $"127.0.0.1:{port}", "-ign_eof", .. name, .. arguments]);
        Task<string> errors = client.StandardError.ReadToEndAsync();
        try
        {
            await client.StandardInput.WriteAsync("GET / HTTP/1.1\r\nHost: gate.example\r\nConnection: close\r\n\r\n");
            await client.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // The client has failed already.
        }

        string output = await client.StandardOutput.ReadToEndAsync().WaitAsync(Deadline.Program);
        await client.WaitForExitAsync().WaitAsync(Deadline.Program);
        return output + await errors;
    }
}
