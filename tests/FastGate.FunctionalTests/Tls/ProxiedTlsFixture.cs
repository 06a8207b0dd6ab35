using FastGate.FunctionalTests.Deploy;
using FastGate.FunctionalTests.Server;
using FastGate.Testing.Tls;

namespace FastGate.FunctionalTests.Tls;

/// <summary>A server with a certificate behind HAProxy in mode tcp, which reports the client by a PROXY header: TLS ends in the server.</summary>
public sealed class ProxiedTlsFixture : GatewayFixture, IAsyncLifetime
{
    private static readonly string s_directory = Directory.CreateTempSubdirectory("fastgate-proxied-").FullName;

    private readonly Dictionary<string, int> _ports = [];
    private ForeignServer? _proxy;

    public ProxiedTlsFixture()
        : base(
            "--FastGate:Devices:TrustedProxies:0=127.0.0.1",
            $"--FastGate:Devices:Tls:Certificate={Path.Combine(s_directory, "server.pem")}",
            $"--FastGate:Devices:Tls:Key={Path.Combine(s_directory, "server.key")}")
    {
        Certificate = TestCertificate.Create("gate.example");
        Certificate.WriteTo(s_directory);
    }

    public TestCertificate Certificate { get; }

    /// <summary>The proxy's port for a listener of the server.</summary>
    public int PortOf(string listener, string version) => _ports[$"{listener}-{version}"];

    async Task IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        string sections = "";
        (string, int)[] listeners = [("devices", Gateway.DevicePort), ("http", Gateway.HttpPort), ("admin", Gateway.AdminUri("/").Port)];
        foreach ((string listener, int port) in listeners)
        {
            foreach (string version in (string[])["send-proxy", "send-proxy-v2"])
            {
                string name = $"{listener}-{version}";
                _ports[name] = FreePort.Next();
                sections += $"listen {name}\n    bind 127.0.0.1:{_ports[name]}\n    server fastgate 127.0.0.1:{port} {version}\n";
            }
        }

        string file = Path.Combine(s_directory, "haproxy.cfg");
        await File.WriteAllTextAsync(
            file, $"global\n    maxconn 200\ndefaults\n    mode tcp\n    timeout connect 30s\n    timeout client 120s\n    timeout server 120s\n{sections}");
        _proxy = await ForeignServer.StartAsync("haproxy", _ports.Values.First(), s_directory, "-db", "-f", file);
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        if (_proxy is not null)
        {
            await _proxy.DisposeAsync();
        }

        await DisposeAsync();
    }
}
