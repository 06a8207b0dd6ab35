using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using FastGate.Fleet;
using FastGate.Flight;
using FastGate.Http.Server;
using FastGate.Testing.Tls;
using FastGate.Tests.Limits;

namespace FastGate.Tests.Http;

/// <summary>TLS on an HTTP listener: the bound, the counts, the records and the bans of its handshakes are those of the device port.</summary>
public sealed class HttpTlsTests : IAsyncLifetime, IAsyncDisposable
{
    private static readonly UInt128 s_self = LimitFixture.Address("127.0.0.1");

    private readonly HttpTlsServer _server = new();

    public Task InitializeAsync() => _server.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Requests_of_a_connection_are_served_and_its_handshake_is_counted(SslProtocols version)
    {
        string body = new('x', 60_000);
        using (HttpClient client = HttpTlsServer.Client(version))
        {
            for (int i = 0; i < 3; i++)
            {
                using var content = new StringContent(body);
                using HttpResponseMessage reply = await client.PostAsync(_server.Address("open", "https", "/echo"), content).WaitAsync(HttpTlsServer.Limit);
                Assert.Equal(body, await reply.Content.ReadAsStringAsync());
            }

            Assert.Equal((1, 1, 0), (_server.Tls.Succeeded, _server.Tls.Open, _server.Tls.InProgress));
        }

        Assert.True(SpinWait.SpinUntil(() => _server.Tls.Open == 0, HttpTlsServer.Limit));
        Assert.Empty(_server.Recorder.Newest(10));
    }

    [Fact]
    public async Task A_client_that_leaves_unread_answers_gives_its_place_back()
    {
        SslStream client = await _server.HandshakeAsync("open");
        byte[] requests = Encoding.ASCII.GetBytes(
            string.Concat(Enumerable.Repeat($"POST /echo HTTP/1.1\r\nHost: gate\r\nContent-Length: 60000\r\n\r\n{new string('x', 60_000)}", 100)));

        // The server stops to read when its answers are not read; how far it gets is the kernel's choice.
        Task sent = client.WriteAsync(requests).AsTask();
        Assert.Equal(1, await client.ReadAsync(new byte[1]).AsTask().WaitAsync(HttpTlsServer.Limit));
        await client.DisposeAsync();
        await Task.WhenAny(sent).WaitAsync(HttpTlsServer.Limit);

        Assert.True(SpinWait.SpinUntil(() => _server.Tls.Open == 0, HttpTlsServer.Limit));
    }

    [Fact]
    public async Task A_malformed_request_gets_its_answer_before_the_end()
    {
        await using SslStream client = await _server.HandshakeAsync("open");
        await client.WriteAsync("GET / HTTP/9.9\r\n\r\n"u8.ToArray());

        using var reader = new StreamReader(client);
        Assert.StartsWith("HTTP/1.1 ", await reader.ReadToEndAsync().WaitAsync(HttpTlsServer.Limit), StringComparison.Ordinal);
        Assert.Equal(Verdict.MalformedRequest, _server.Record().Verdict);
    }

    [Fact]
    public async Task Handshakes_beyond_the_bound_are_refused_and_recorded_without_a_failure_of_the_client()
    {
        byte[] hello = await TestHello.CreateAsync();
        using NetworkStream first = await _server.SendAsync("open", hello);
        using NetworkStream second = await _server.SendAsync("open", hello);
        Assert.True(SpinWait.SpinUntil(() => _server.Tls.InProgress == 2, HttpTlsServer.Limit));

        for (int i = 0; i <= HttpTlsServer.Failures; i++)
        {
            await HttpTlsServer.EndAsync(await _server.SendAsync("open", hello));
        }

        Assert.Equal(Verdict.TlsBusy, _server.Record().Verdict);
        Assert.Equal((HttpTlsServer.Failures + 1, 0), (_server.Tls.Refused, _server.Tls.Failed));
        await AssertNotCountedAsync();
    }

    [Theory]
    [InlineData("not TLS", nameof(Verdict.TlsFailed))]
    [InlineData("old", nameof(Verdict.TlsVersion))]
    [InlineData("garbage", nameof(Verdict.TlsFailed))]
    [InlineData("left", nameof(Verdict.TlsCertificate))]
    public async Task A_failed_handshake_is_recorded_and_counts_against_its_address(string kind, string expected)
    {
        byte[] bytes = kind switch
        {
            "not TLS" => [0x16, 0x47, 0x45, 0x54],
            "old" => await TestHello.CreateOldAsync(),
            "garbage" => [.. await TestHello.CreateAsync(), .. "GET / HTTP/1.1\r\n\r\n"u8],
            _ => await TestHello.CreateAsync(),
        };
        for (int i = 0; i <= HttpTlsServer.Failures; i++)
        {
            using NetworkStream client = await _server.SendAsync("open", bytes);
            if (kind == "left")
            {
                client.Socket.Shutdown(SocketShutdown.Send);
            }

            await HttpTlsServer.EndAsync(client);
        }

        Assert.Equal(s_self, (await _server.Acts.TakeAsync()).Suspect.Source);
        ConnectionRecord record = _server.Record();
        Assert.Equal(expected, record.Verdict.ToString());
        Assert.EndsWith("at the open listener", record.Detail, StringComparison.Ordinal);
        Assert.Equal((HttpTlsServer.Failures + 1, 0), (_server.Tls.Failed + _server.Tls.Abandoned, _server.Tls.InProgress));
    }

    [Fact]
    public async Task A_trusted_address_is_never_suspected()
    {
        _server.Limits.Limits.IsTrusted = static address => address == s_self;
        for (int i = 0; i <= HttpTlsServer.Failures; i++)
        {
            await HttpTlsServer.EndAsync(await _server.SendAsync("open", [0x16, 0x47, 0x45, 0x54]));
        }

        Assert.Equal(HttpTlsServer.Failures + 1, _server.Tls.Failed);
        await AssertNotCountedAsync();
    }

    [Fact]
    public async Task A_handshake_that_the_listener_ends_for_a_new_connection_is_no_failure()
    {
        byte[] hello = await TestHello.CreateAsync();
        for (int i = 0; i <= HttpTlsServer.Failures; i++)
        {
            using NetworkStream client = await _server.SendAsync("small", hello);
            Assert.True(SpinWait.SpinUntil(() => _server.Tls.InProgress == 1, HttpTlsServer.Limit));
            using HttpClient next = HttpTlsServer.Client();
            await next.GetStringAsync(_server.Address("small", "http", "/health/live")).WaitAsync(HttpTlsServer.Limit);
            await HttpTlsServer.EndAsync(client);
            Assert.True(SpinWait.SpinUntil(() => _server.Tls.InProgress == 0, HttpTlsServer.Limit));
        }

        Assert.Empty(_server.Recorder.Newest(10, static _ => true));
        await AssertNotCountedAsync();
    }

    [Fact]
    public async Task A_handshake_that_stops_ends_at_its_timeout_and_gives_its_place_back()
    {
        using NetworkStream client = await _server.SendAsync("open", await TestHello.CreateAsync());
        Assert.True(SpinWait.SpinUntil(() => _server.Tls.InProgress == 1, HttpTlsServer.Limit));

        _server.Time.Turn(HttpTls.HandshakeTimeout);
        await HttpTlsServer.EndAsync(client);

        Assert.Equal(Verdict.TooSlow, _server.Record().Verdict);
        Assert.True(SpinWait.SpinUntil(() => _server.Tls.InProgress == 0, HttpTlsServer.Limit));
        Assert.Equal(1, _server.Tls.Abandoned);
    }

    [Fact]
    public async Task After_the_handshake_its_timeout_does_not_count()
    {
        await using SslStream client = await _server.HandshakeAsync("open");
        Assert.True(SpinWait.SpinUntil(() => _server.Tls.Open == 1, HttpTlsServer.Limit));

        _server.Time.Turn(HttpTls.HandshakeTimeout);
        await client.WriteAsync("GET /health/live HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n"u8.ToArray());

        using var reader = new StreamReader(client);
        Assert.StartsWith("HTTP/1.1 200", await reader.ReadToEndAsync().WaitAsync(HttpTlsServer.Limit), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_banned_address_gets_no_handshake_and_the_bans_of_proxies_do_not_count()
    {
        Assert.True(AddressRange.TryParse("127.0.0.1", out AddressRange range));
        _server.Bans.Add(null, range, null, "test");
        using HttpClient client = HttpTlsServer.Client();

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(_server.Address("open", "https", "/health/live")).WaitAsync(HttpTlsServer.Limit));

        Assert.Equal(0, _server.Tls.Succeeded + _server.Tls.Failed);
        Assert.True(_server.Bans.Refused > 0);
        Assert.Equal(Verdict.Banned, _server.Record().Verdict);
        Assert.Equal("""{"status":"live"}""", await client.GetStringAsync(_server.Address("proxied", "https", "/health/live")).WaitAsync(HttpTlsServer.Limit));
    }

    /// <summary>The address may still fail as often as any other.</summary>
    private async Task AssertNotCountedAsync()
    {
        UInt128 other = LimitFixture.Address("198.51.100.1");
        _server.Limits.Limits.IsTrusted = static _ => false;
        for (int i = 0; i < HttpTlsServer.Failures; i++)
        {
            _server.Limits.Limits.Failed(s_self);
        }

        for (int i = 0; i <= HttpTlsServer.Failures; i++)
        {
            _server.Limits.Limits.Failed(other);
        }

        Assert.Equal(other, (await _server.Acts.TakeAsync()).Suspect.Source);
        Assert.Empty(_server.Acts.Banned);
    }
}
