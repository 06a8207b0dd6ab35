using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Restarts;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Tls;

namespace FastGate.FunctionalTests.Tls;

/// <summary>TLS beside plain connections on the device port and the HTTP port: real clients, changed certificates, a restart.</summary>
public sealed class TlsTests(TlsFixture fixture) : IClassFixture<TlsFixture>
{
    private const string First = "今天天气怎么样？";
    private const string Second = "And tomorrow?";

    private GatewayProcess Gateway => fixture.Gateway;

    [RequiresProgramFact(RequiredProgram.PythonWebSockets)]
    public async Task Python_websockets_converses_over_wss()
    {
        string url = $"wss://127.0.0.1:{Gateway.DevicePort}/xiaozhi/v1/?device-id=py-tls";
        string output = await ExternalProgram.RunAsync(
            ExternalProgram.Python, [Path.Combine(RepositoryPaths.Clients, "python_client.py"), url, First, Second, TlsFixture.Of("server.pem")]);

        new Transcript(output).AssertConversation(First, Second);
    }

    [RequiresProgramFact(RequiredProgram.Openssl)]
    public async Task Openssl_finds_no_old_version_and_sessions_are_resumed()
    {
        (int status, string refused) = await ClientAsync("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0");
        Assert.True(status != 0 && refused.Contains("alert protocol version", StringComparison.Ordinal), refused);

        foreach (string version in (string[])["-tls1_2", "-tls1_3"])
        {
            string session = TlsFixture.Of($"session{version}");
            (status, string accepted) = await ClientAsync(version, "-alpn", "http/1.1", "-sess_out", session, "-servername", "gate.example");
            Assert.True(status == 0, accepted);
            Assert.Contains("ALPN protocol: http/1.1", accepted, StringComparison.Ordinal);
            Assert.Matches("CN ?= ?gate.example", accepted);
            Assert.Contains("New, TLSv1.", accepted, StringComparison.Ordinal);

            (_, string resumed) = await ClientAsync(version, "-sess_in", session, "-servername", "gate.example");
            Assert.Contains("Reused, TLSv1.", resumed, StringComparison.Ordinal);
        }

        (_, string untrusted) = await ClientAsync("-servername", "gate.example", "-verify_return_error", "-CAfile", TlsFixture.Of("other.pem"));
        Assert.Contains("verify error", untrusted, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await RecordsAsync()).Contains("\"tls_certificate\"", StringComparison.Ordinal));

        (_, string named) = await ClientAsync("-servername", "other.example");
        Assert.Matches("CN ?= ?other.example", named);
    }

    [RequiresProgramFact(RequiredProgram.Openssl)]
    public async Task Openssl_cannot_renegotiate()
    {
        using Process client = ExternalProgram.Start("openssl", ["s_client", "-connect", $"127.0.0.1:{Gateway.DevicePort}", "-tls1_2"]);
        Task<string> errors = client.StandardError.ReadToEndAsync();
        await client.StandardInput.WriteAsync(DeviceTexts.Esp32Request("renegotiating"));
        await client.StandardInput.FlushAsync();
        string? line;
        do
        {
            line = await client.StandardOutput.ReadLineAsync().WaitAsync(Deadline.Hang);
        }
        while (line?.Contains("101 Switching", StringComparison.Ordinal) == false);
        Task<string> rest = client.StandardOutput.ReadToEndAsync();
        await client.StandardInput.WriteAsync("R\n");
        await client.StandardInput.FlushAsync();

        // The refusal leaves with the next bytes that the server sends.
        using HttpClient http = new();
        using StringContent reason = new("""{"reason":"moved"}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage kicked = await http.PostAsync(Gateway.AdminUri("/api/v1/devices/renegotiating/kick"), reason).WaitAsync(Deadline.Hang);
        await client.WaitForExitAsync().WaitAsync(Deadline.Program);

        string output = await rest + await errors;
        Assert.Contains("RENEGOTIATING", output, StringComparison.Ordinal);

        // Once for each handshake, because nothing vouches for the certificate.
        Assert.Equal(2, output.Split("verify error:num=18").Length);
    }

    [Fact]
    public async Task Plain_and_secure_clients_share_the_ports_and_ota_answers_in_kind()
    {
        using HttpClient http = new(Trusting());
        foreach ((string scheme, string expected) in ((string, string)[])[("http", "ws"), ("https", "wss")])
        {
            using HttpRequestMessage request = new(HttpMethod.Post, $"{scheme}://127.0.0.1:{Gateway.HttpPort}/xiaozhi/ota/");
            request.Headers.Add("Device-Id", "ota-tls");
            request.Headers.Add("Client-Id", "7a1c0f7e-3b52-4c1f-9d0e-5f2b8a6c4d10");
            request.Content = new StringContent("{}");
            using HttpResponseMessage response = await http.SendAsync(request).WaitAsync(Deadline.Hang);
            JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            string url = (string)answer["websocket"]!["url"]!;
            Assert.Equal($"{expected}://127.0.0.1:{Gateway.DevicePort}/xiaozhi/v1/", url);

            await using DeviceClient device = await ConnectAsync(new Uri(url), "ota-tls");
            JsonObject hello = await device.HelloAsync();
            Transcript.AssertTurn([hello, .. await device.SayAsync(First)], First);
            await device.CloseAsync();
        }
    }

    [Fact]
    public async Task Metrics_say_how_long_the_certificate_is_valid_and_what_was_negotiated()
    {
        await using DeviceClient device = await ConnectAsync(Uri(), "counted");
        await device.PingAsync();

        // Of 90 days, a minute or more has passed at most in a slow run.
        Assert.InRange(await fixture.Admin.MetricAsync("fastgate_tls_certificate_left_seconds"), TimeSpan.FromDays(89).TotalSeconds, TimeSpan.FromDays(90).TotalSeconds);
        Assert.True(await fixture.Admin.MetricAsync("fastgate_tls_handshakes_total") >= 1);
    }

    [Fact]
    public async Task Certificates_change_under_load_without_a_lost_connection()
    {
        List<DeviceClient> devices = [];
        for (int i = 0; i < 12; i++)
        {
            devices.Add(await ConnectAsync(Uri(i % 2 == 0 ? "wss" : "ws"), $"load-{i}"));
        }

        // certbot writes both files in turn, so that a moment has two that do not belong together.
        var next = TestCertificate.Create("gate.example");
        using CancellationTokenSource stop = new();
        Task[] pinging = [.. devices.Select(async device =>
        {
            while (!stop.IsCancellationRequested)
            {
                await device.PingAsync();
            }
        })];
        next.WriteTo(Path.GetDirectoryName(TlsFixture.Of("x"))!);
        try
        {
            await Eventually.TrueAsync(async () =>
            {
                string? seen = null;
                await using DeviceClient device = await ConnectAsync(Uri(), "new-device", thumbprint => seen = thumbprint);
                await device.PingAsync();
                return seen == next.Thumbprint;
            });
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(pinging).WaitAsync(Deadline.Hang);
        }

        foreach (DeviceClient device in devices)
        {
            await device.PingAsync();
            await device.CloseAsync();
            await device.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_restart_closes_secure_connections_with_1012_and_reports_them()
    {
        await Eventually.ValueAsync(fixture.Admin.ConnectionCountAsync, static count => count == 0);
        await using DeviceClient plain = await DeviceClient.ConnectAsync(Gateway, "plain-stays");
        await using DeviceClient secure = await ConnectAsync(Uri(), "secure-leaves");
        await plain.PingAsync();
        await secure.PingAsync();
        Task<System.Net.WebSockets.WebSocketCloseStatus?> closed = secure.ReceiveCloseAsync();

        JsonNode report = await RestartRequest.RunAsync(Gateway);

        Assert.Equal(1012, (int?)await closed.WaitAsync(Deadline.Hang));
        Assert.Equal(1, (int)report["last"]!["closed"]!);
        await plain.PingAsync();
        await using DeviceClient again = await ConnectAsync(Uri(), "secure-leaves");
        await again.PingAsync();
        await again.CloseAsync();
        await plain.CloseAsync();
    }

    private async Task<string> RecordsAsync()
    {
        using HttpClient http = new();
        return await http.GetStringAsync(Gateway.AdminUri("/api/v1/records")).WaitAsync(Deadline.Hang);
    }

    private Uri Uri(string scheme = "wss") => new($"{scheme}://127.0.0.1:{Gateway.DevicePort}/xiaozhi/v1/");

    private static Task<DeviceClient> ConnectAsync(Uri uri, string deviceId, Action<string>? seen = null) => DeviceClient.ConnectAsync(uri, options =>
    {
        options.SetRequestHeader("Device-Id", deviceId);
        options.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            seen?.Invoke(certificate!.GetCertHashString());
            return certificate is not null;
        };
    });

    private static HttpClientHandler Trusting() => new()
    {
        ServerCertificateCustomValidationCallback = static (_, certificate, _, _) => certificate?.MatchesHostname("gate.example") == true,
        AutomaticDecompression = DecompressionMethods.None,
    };

    /// <summary>A connection of <c>openssl s_client</c>, up to the end that the server makes.</summary>
    private async Task<(int Status, string Output)> ClientAsync(params string[] arguments)
    {
        using Process client = ExternalProgram.Start("openssl", ["s_client", "-connect", $"127.0.0.1:{Gateway.DevicePort}", "-ign_eof", .. arguments]);
        Task<string> errors = client.StandardError.ReadToEndAsync();
        try
        {
            await client.StandardInput.WriteAsync("GET / HTTP/1.1\r\nHost: gate.example\r\n\r\n");
            await client.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            // The client has failed already.
        }

        string output = await client.StandardOutput.ReadToEndAsync().WaitAsync(Deadline.Program);
        await client.WaitForExitAsync().WaitAsync(Deadline.Program);
        return (client.ExitCode, output + await errors);
    }
}
