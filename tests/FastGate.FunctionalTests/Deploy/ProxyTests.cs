using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Deploy;

/// <summary>
/// The published proxy configurations in the real programs, with TLS: a device connects through each, its address arrives, the other paths reach the HTTP
/// listener, and the timeout that the file sets is the one that ends an idle connection.
/// </summary>
public sealed class ProxyTests : GatewayFixture, IAsyncLifetime
{
    /// <summary>Where the test's devices connect from, to tell their address from the proxy's.</summary>
    private static readonly IPAddress s_source = IPAddress.Parse("127.0.0.77");

    private readonly string _directory = Directory.CreateTempSubdirectory("fastgate-proxy-").FullName;

    private string? _thumbprint;

    /// <summary>Readable by the proxy's own user.</summary>
    private string Certificate => Path.Combine(_directory, "voice.pem");

    public ProxyTests()
        : base("--FastGate:Devices:TrustedProxies:0=127.0.0.1")
    {
    }

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _thumbprint = certificate.GetCertHashString();
        await File.WriteAllTextAsync(Certificate, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("nginx", "proxy_read_timeout 300s", "proxy_read_timeout 1s")]
    [InlineData("haproxy", "timeout tunnel 300s", "timeout tunnel 1s")]
    public async Task The_timeout_of_the_file_decides_how_long_a_device_may_be_idle(string proxy, string published, string shortened)
    {
        // What the program would use for a connection that is not a device's is as short in both.
        (string, string)[] defaults = proxy == "haproxy" ? [("timeout client 60s", "timeout client 1s"), ("timeout server 60s", "timeout server 1s")] : [];
        int port = FreePort.Next();
        int impatientPort = FreePort.Next();
        await using ForeignServer usual = await StartAsync(proxy, port, defaults);
        await using ForeignServer impatient = await StartAsync(proxy, impatientPort, [.. defaults, (published, shortened)]);
        await using DeviceClient kept = await ConnectAsync(port, "kept");
        await using DeviceClient cut = await ConnectAsync(impatientPort, "cut");
        await kept.HelloAsync();

        // It says nothing: a hello could come after the timeout on a slow machine.
        Assert.Null(await cut.ReceiveCloseAsync());

        await kept.PingAsync();
        await kept.SayAsync("在吗？");
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("caddy")]
    [InlineData("haproxy")]
    [InlineData("haproxy", "send-proxy")]
    [InlineData("haproxy", "send-proxy-v2")]
    public async Task A_device_talks_through_the_proxy_and_its_address_arrives(string proxy, string? header = null)
    {
        int port = FreePort.Next();
        string devices = $"server fastgate 127.0.0.1:{Gateway.DevicePort}";
        await using ForeignServer server = await StartAsync(proxy, port, header is null ? [] : [(devices, $"{devices} {header}")]);

        // The list of handshakes has those whose id was made by the gateway.
        await using DeviceClient device = await ConnectAsync(port, null);
        await device.HelloAsync();
        await device.SayAsync("在吗？");

        // Not what the device claims in a header of its own.
        IReadOnlyList<JsonObject> handshakes = await Eventually.ValueAsync(Admin.HandshakesAsync, static found => found.Count > 0);
        foreach (JsonObject seen in (JsonObject[])[handshakes[0], Assert.Single(await Admin.DevicesAsync())])
        {
            string address = (string?)seen["remoteAddress"] ?? "";
            Assert.True(header is null ? address == $"{s_source}" : address.StartsWith($"{s_source}:", StringComparison.Ordinal), address);
        }

        using HttpMessageInvoker http = Invoker();
        using HttpResponseMessage reply = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{port}/health/ready"), CancellationToken.None);
        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        using HttpResponseMessage admin = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{port}/metrics"), CancellationToken.None);
        Assert.Equal(HttpStatusCode.NotFound, admin.StatusCode);
    }

    [Fact]
    public async Task A_header_of_a_peer_that_is_no_proxy_is_not_believed()
    {
        using RawConnection forged = await RawConnection.OpenAsync(Gateway.DevicePort, from: s_source);
        await forged.SendAsync(DeviceTexts.Esp32Request("forged").Replace("\r\n\r\n", "\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n", StringComparison.Ordinal));
        Assert.Equal(101, (await forged.ReadReplyAsync()).Status);
        using RawConnection refused = await RawConnection.OpenAsync(Gateway.DevicePort, from: s_source);
        await refused.SendAsync("PROXY TCP4 198.51.100.1 198.51.100.2 4711 443\r\n" + DeviceTexts.Esp32Request("refused"));
        Assert.Equal(400, (await refused.ReadReplyAsync()).Status);

        Assert.StartsWith($"{s_source}:", (string?)Assert.Single(await Admin.DevicesAsync())["remoteAddress"], StringComparison.Ordinal);
        IReadOnlyList<JsonObject> handshakes = await Eventually.ValueAsync(Admin.HandshakesAsync, static found => found.Count > 0);
        Assert.Equal("proxy_header_unexpected", (string?)handshakes[0]["reason"]);
        Assert.StartsWith($"{s_source}:", (string?)handshakes[0]["remoteAddress"], StringComparison.Ordinal);
    }

    private Task<ForeignServer> StartAsync(string proxy, int port, (string, string)[] changes)
    {
        string folder = Path.Combine(_directory, port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        (string, string) devices = ("127.0.0.1:8000", $"127.0.0.1:{Gateway.DevicePort}");
        (string, string) http = ("127.0.0.1:8003", $"127.0.0.1:{Gateway.HttpPort}");
        string file = Path.Combine(folder, proxy);
        switch (proxy)
        {
            case "nginx":
                string server = DeployFiles.Read("proxies/nginx.conf", [
                    devices, http, .. changes, ("listen 443 ssl", $"listen 127.0.0.1:{port} ssl"),
                    ("/etc/ssl/certs/voice.pem", Certificate), ("/etc/ssl/private/voice.key", Certificate)]);
                string temporary = string.Concat(((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(name => $"{name}_temp_path {folder}/{name};\n"));
                File.WriteAllText(file, $"daemon off;\npid {folder}/pid;\nerror_log stderr;\nworker_processes 1;\nevents {{ }}\nhttp {{\naccess_log off;\n{temporary}{server}\n}}\n");
                return ForeignServer.StartAsync("nginx", port, folder, "-e", "stderr", "-c", file);
            case "caddy":
                File.WriteAllText(file, "{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n}\n" + DeployFiles.Read("proxies/Caddyfile", [
                    devices, http, .. changes, ("voice.example.org {", $"https://127.0.0.1:{port} {{\n\ttls {Certificate} {Certificate}")]));
                return ForeignServer.StartAsync("caddy", port, folder, "run", "--config", file, "--adapter", "caddyfile");
            default:
                File.WriteAllText(file, DeployFiles.Read("proxies/haproxy.cfg", [
                    devices, http, .. changes, ("bind :443", $"bind 127.0.0.1:{port}"), ("/etc/haproxy/voice.pem", Certificate), ("maxconn 120000", "maxconn 200")]));
                return ForeignServer.StartAsync("haproxy", port, folder, "-db", "-f", file);
        }
    }

    private Task<DeviceClient> ConnectAsync(int port, string? id) => DeviceClient.ConnectAsync(
        new Uri($"wss://127.0.0.1:{port}/xiaozhi/v1/"),
        options =>
        {
            options.SetRequestHeader("X-Forwarded-For", "198.51.100.1");
            if (id is not null)
            {
                options.SetRequestHeader("Device-Id", id);
            }
        },
        Invoker());

    private HttpMessageInvoker Invoker() => BoundClient.Create(s_source, _thumbprint);
}
