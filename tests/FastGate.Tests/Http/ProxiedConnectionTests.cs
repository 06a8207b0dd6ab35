using System.Buffers;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Http.Server;
using FastGate.Peers;
using FastGate.Testing;
using FastGate.Testing.Tls;
using FastGate.Tests.Limits;
using FastGate.Transport.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Tests.Http;

/// <summary>The PROXY header before the requests of an HTTP listener.</summary>
public sealed class ProxiedConnectionTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Line = "PROXY TCP4 198.51.100.7 203.0.113.9 4711 443\r\n";
    private const string Request = "GET /who HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly HttpMetrics s_metrics = new(new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>());
    private static readonly IPEndPoint s_anywhere = new(IPAddress.Loopback, 0);

    private readonly FlightRecorder _recorder = new();
    private readonly LimitFixture _limits = new();
    private readonly HttpServer _server;

    public ProxiedConnectionTests()
    {
        var proxies = new PeerRules(["127.0.0.1"], []);
        var template = new HttpListenerOptions("trusting", s_anywhere, static routes => routes.MapGet("/who", static context =>
            context.Response.WriteAsync($"{context.Request.Scheme} {context.Connection.RemoteIpAddress}:{context.Connection.RemotePort}")))
        {
            Misdirected = new MisdirectedRequests(_recorder),
            Tls = new HttpTls(new TlsServer(new FixedCertificate(), concurrency: 2, pending: 8), _limits.Limits, new BanList(new NullFleetStore(), TimeProvider.System), proxies),
            Peers = proxies,
        };
        _server = new HttpServer(
            [
                template,
                template with { Name = "hasty", FirstByteTimeout = TimeSpan.FromMilliseconds(50) },
                template with { Name = "other", Peers = new PeerRules(["10.0.0.0/8"], []) },
            ],
            s_metrics,
            NullLoggerFactory.Instance);
    }

    public Task InitializeAsync() => _server.StartAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _limits.Dispose();
    }

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    public static TheoryData<byte[], string> Headers => new()
    {
        { Encoding.ASCII.GetBytes(Line), "198.51.100.7:4711" },
        { Encoding.ASCII.GetBytes("PROXY TCP6 2001:db8::7 2001:db8::1 4711 443\r\n"), "2001:db8::7:4711" },
        { Binary(0x21, tlvs: 0), "198.51.100.7:4711" },
        { Binary(0x21, tlvs: 4_000), "198.51.100.7:4711" },
        { Binary(0x20, tlvs: 0), "127.0.0.1:" },
        { Encoding.ASCII.GetBytes("PROXY UNKNOWN\r\n"), "127.0.0.1:" },
        { [], "127.0.0.1:" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public async Task The_header_of_a_trusted_proxy_gives_the_client_of_each_request(byte[] header, string expected)
    {
        Assert.Contains($"http {expected}", await AskAsync("trusting", header), StringComparison.Ordinal);
        Assert.Contains($"http {expected}", await AskAsync("trusting", header, inPieces: true), StringComparison.Ordinal);
        Assert.Contains($"https {expected}", await AskAsync("trusting", header, isSecure: true), StringComparison.Ordinal);
        Assert.Empty(_recorder.Newest(10));
    }

    [Fact]
    public async Task A_forwarded_header_of_the_client_behind_a_proxy_is_not_believed() => Assert.Contains(
        "http 198.51.100.7:4711",
        await AskAsync("trusting", Encoding.ASCII.GetBytes(Line), request: Request.Replace("\r\n\r\n", "\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n", StringComparison.Ordinal)),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(Line)]
    [InlineData(null)]
    public async Task The_header_of_any_other_peer_ends_its_connection(string? line)
    {
        string reply = await AskAsync("other", line is null ? Binary(0x21, tlvs: 0) : Encoding.ASCII.GetBytes(line));

        Assert.DoesNotContain(" 200 ", reply, StringComparison.Ordinal);
        Assert.Equal(Verdict.ProxyHeaderUnexpected, Assert.Single(_recorder.Newest(10)).Verdict);
    }

    [Fact]
    public async Task A_second_header_is_no_request()
    {
        Assert.DoesNotContain(" 200 ", await AskAsync("trusting", Encoding.ASCII.GetBytes(Line + Line)), StringComparison.Ordinal);
        Assert.Equal(Verdict.ProxyHeaderUnexpected, Assert.Single(_recorder.Newest(10)).Verdict);
    }

    [Theory]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.9 4711\r\n")]
    [InlineData("PROXY TCP4 198.51.100.7 203.0.113.9 4711 443 and more than the longest line of the specification has, without its end .................")]
    public async Task A_malformed_header_ends_the_connection_without_an_answer(string line)
    {
        Assert.Empty(await AskAsync("trusting", Encoding.ASCII.GetBytes(line)));
        Assert.Equal(Verdict.ProxyHeaderMalformed, Assert.Single(_recorder.Newest(10)).Verdict);
    }

    [Theory]
    [InlineData("PROXY TCP4 198.51.100.7")]
    [InlineData(Line)]
    public async Task A_header_that_stops_and_one_without_a_request_end_at_the_deadline(string line)
    {
        using TcpClient client = await ConnectAsync("hasty");
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line));

        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1]).AsTask().WaitAsync(s_limit));
    }

    [Theory]
    [InlineData("10.0.0.1", "PROXY TCP4 127.0.0.1 10.0.0.2 4711 443\r\n", OperationStatus.InvalidData, "10.0.0.1")]
    [InlineData("10.0.0.1", "PROXY TCP6 ::1 ::1 4711 443\r\n", OperationStatus.InvalidData, "10.0.0.1")]
    [InlineData("10.0.0.1", "PROXY TCP4 198.51.100.7 10.0.0.2 4711 443\r\n", OperationStatus.Done, "198.51.100.7")]
    [InlineData("192.0.2.1", "PROXY TCP4 198.51.100.7 10.0.0.2 4711 443\r\n", OperationStatus.Done, "192.0.2.1")]
    public async Task Another_machine_cannot_report_a_client_of_this_one(string peer, string line, OperationStatus expected, string seen)
    {
        var connection = new InMemoryConnection { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(peer), 1) };
        await connection.PeerOutput.WriteAsync(Encoding.ASCII.GetBytes(line));

        OperationStatus status = await ProxiedConnection.ReadHeaderAsync(connection, new PeerRules(["10.0.0.0/8"], []));

        Assert.Equal((expected, seen), (status, $"{((IPEndPoint)connection.RemoteEndPoint!).Address}"));
    }

    private static byte[] Binary(byte command, int tlvs) =>
    [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, command, 0x11, (byte)((12 + tlvs) >> 8), (byte)(12 + tlvs),
        198, 51, 100, 7, 203, 0, 113, 9, 0x12, 0x67, 0x01, 0xBB, .. new byte[tlvs],
    ];

    private async Task<TcpClient> ConnectAsync(string listener)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(_server.EndPointOf(listener));
        return client;
    }

    /// <summary>What the server sends up to its end of the connection.</summary>
    private async Task<string> AskAsync(string listener, byte[] header, bool inPieces = false, bool isSecure = false, string request = Request)
    {
        using TcpClient client = await ConnectAsync(listener);
        Stream stream = client.GetStream();
        if (inPieces)
        {
            foreach (byte one in header)
            {
                await stream.WriteAsync(new[] { one });
            }
        }
        else
        {
            await stream.WriteAsync(header);
        }

        if (isSecure)
        {
            var secured = new SslStream(stream, leaveInnerStreamOpen: false, static (_, certificate, _, _) => certificate is not null);
            await secured.AuthenticateAsClientAsync("gate").WaitAsync(s_limit);
            stream = secured;
        }

        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync().WaitAsync(s_limit);
        }
        catch (IOException)
        {
            // The server closed with bytes unread.
            return "";
        }
    }
}
