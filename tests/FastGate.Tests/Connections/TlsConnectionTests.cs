using System.Net.Security;
using System.Security.Authentication;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Flight;
using FastGate.Protocol.Framing;
using FastGate.Testing;
using FastGate.Testing.Tls;
using FastGate.Transport.Tls;

namespace FastGate.Tests.Connections;

/// <summary>Devices with TLS on the port of plain ones, over the in-memory transport.</summary>
public sealed class TlsConnectionTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly FixedCertificate _certificate = new();
    private readonly TlsServer _tls;
    private readonly ConnectionHarness _harness;

    public TlsConnectionTests()
    {
        _tls = new TlsServer(_certificate, concurrency: 2, pending: 2);
        _harness = new ConnectionHarness(new DeviceOptions { Echo = true }, tls: _tls);
    }

    public void Dispose() => _harness.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_device_with_tls_is_served_like_a_plain_one(SslProtocols version)
    {
        (ScriptedDevice device, _) = await ConnectAsync(version: version);

        Assert.StartsWith("HTTP/1.1 101", await device.UpgradeAsync(), StringComparison.Ordinal);
        await device.SendTextAsync("one");
        Assert.Equal("one", await device.ReceiveTextAsync());
        string large = new('x', 50_000);
        await device.SendTextAsync(large);
        Assert.Equal(large, await device.ReceiveTextAsync());

        await device.SendCloseAsync(CloseStatus.Normal);
        await _harness.EndAsync();

        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.PeerClosed));
        Assert.Equal((1, 0, 0), (_tls.Succeeded, _tls.Open, _tls.InProgress));
        Assert.Equal("gate.example", _certificate.Last.ServerName);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_handshake_may_come_in_pieces_of_any_size(int pieces)
    {
        (ScriptedDevice device, _) = await ConnectAsync(pieces: pieces);

        Assert.StartsWith("HTTP/1.1 101", await device.UpgradeAsync(), StringComparison.Ordinal);
        await device.SendTextAsync("one");
        Assert.Equal("one", await device.ReceiveTextAsync());
    }

    [Fact]
    public async Task Plain_and_tls_devices_share_the_port()
    {
        (ScriptedDevice device, _) = await ConnectAsync();
        await device.UpgradeAsync(headers: "Device-Id: tls\r\n");
        ScriptedDevice plain = await _harness.UpgradedAsync("Device-Id: plain\r\n");

        await plain.SendTextAsync("plain");
        await device.SendTextAsync("tls");

        Assert.Equal("plain", await plain.ReceiveTextAsync());
        Assert.Equal("tls", await device.ReceiveTextAsync());
        Assert.Equal(2, _harness.Registry.Count);
    }

    [Fact]
    public async Task A_signal_of_another_thread_reaches_a_silent_device()
    {
        (ScriptedDevice device, _) = await ConnectAsync();
        await device.UpgradeAsync();

        _harness.Connections()[0].RequestClose(ConnectionEndReason.Kicked);

        Assert.Equal(Opcode.Close, (await device.ReceiveFrameAsync()).Opcode);
        await device.SendCloseAsync(CloseStatus.Normal);
        await _harness.EndAsync();
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.Kicked));
        Assert.Equal(0, _tls.Open);
    }

    [Fact]
    public async Task A_tls_connection_cannot_leave_the_process()
    {
        (ScriptedDevice device, _) = await ConnectAsync();
        await device.UpgradeAsync();

        Assert.False(_harness.Connections()[0].TryAskToLeave());
    }

    [Theory]
    [InlineData(new byte[] { 0x16, 0x03, 0x01, 0x00, 0x02, 0x01, 0x00 })]
    [InlineData(new byte[] { 0x16, 0x47, 0x45, 0x54 })]
    public async Task Bytes_that_only_begin_like_tls_end_the_connection(byte[] bytes)
    {
        ScriptedDevice device = _harness.Connect();

        await device.SendAsync(bytes);
        await _harness.EndAsync();

        AssertFailed(ConnectionEndReason.TlsHandshakeFailed, Verdict.TlsFailed);
        Assert.Equal(1, _tls.Failed);
    }

    [Fact]
    public async Task Garbage_after_the_hello_ends_the_connection()
    {
        ScriptedDevice device = _harness.Connect();
        byte[] hello = await TestHello.CreateAsync();

        await device.SendAsync(hello);
        await device.SendAsync("GET / HTTP/1.1\r\n\r\n");
        await _harness.EndAsync();

        AssertFailed(ConnectionEndReason.TlsHandshakeFailed, Verdict.TlsFailed);
        Assert.Equal((1, 0), (_tls.Failed, _tls.InProgress));
    }

    [Fact]
    public async Task A_client_without_tls_1_2_is_refused_and_recorded()
    {
        ScriptedDevice device = _harness.Connect();
        byte[] hello = await TestHello.CreateOldAsync();

        await device.SendAsync(hello);
        await _harness.EndAsync();

        AssertFailed(ConnectionEndReason.TlsHandshakeFailed, Verdict.TlsVersion);
    }

    [Fact]
    public async Task A_hello_that_stops_ends_at_the_deadline()
    {
        ScriptedDevice device = _harness.Connect();
        await device.SendAsync((await TestHello.CreateAsync()).AsMemory(0, 40));

        _harness.Clock.Turn(TimeSpan.FromSeconds(30));
        await _harness.EndAsync();

        AssertFailed(ConnectionEndReason.TlsHandshakeTimeout, Verdict.TooSlow);
    }

    [Fact]
    public async Task A_handshake_that_stops_ends_at_the_deadline_and_gives_its_place_back()
    {
        ScriptedDevice device = _harness.Connect();
        await device.SendAsync(await TestHello.CreateAsync());
        SpinWait.SpinUntil(() => _tls.InProgress == 1, s_limit);

        _harness.Clock.Turn(TimeSpan.FromSeconds(30));
        await _harness.EndAsync();

        AssertFailed(ConnectionEndReason.TlsHandshakeTimeout, Verdict.TooSlow);
        Assert.Equal((0, 1), (_tls.InProgress, _tls.Abandoned));
    }

    [Fact]
    public async Task Handshakes_beyond_the_bound_are_refused()
    {
        byte[] hello = await TestHello.CreateAsync();
        for (int i = 0; i < 3; i++)
        {
            await _harness.Connect().SendAsync(hello);
        }

        Assert.Equal(1, _tls.Refused);
        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.TlsHandshakeRefused));
        Assert.Contains(_harness.Recorder.Newest(10), static record => record.Verdict == Verdict.TlsBusy);
    }

    [Fact]
    public async Task Where_tls_is_required_a_plain_device_is_refused()
    {
        using var harness = new ConnectionHarness(new DeviceOptions { Tls = new TlsOptions { Certificate = "x", Required = true } }, tls: _tls);
        ScriptedDevice device = harness.Connect();

        string head = await device.UpgradeAsync();
        await harness.EndAsync();

        Assert.StartsWith("HTTP/1.1 403", head, StringComparison.Ordinal);
        ConnectionRecord record = Assert.Single(harness.Recorder.Newest(10));
        Assert.Equal((Verdict.TlsRequired, "aa:bb:cc:dd:ee:ff"), (record.Verdict, record.DeviceId));
    }

    [Fact]
    public async Task Without_a_certificate_tls_is_recorded_as_tls_on_a_plain_port()
    {
        using var harness = new ConnectionHarness();
        await harness.Connect().SendAsync(await TestHello.CreateAsync());
        await harness.EndAsync();

        Assert.Equal(Verdict.TlsOnPlainPort, Assert.Single(harness.Recorder.Newest(10)).Verdict);
    }

    private void AssertFailed(ConnectionEndReason reason, Verdict verdict)
    {
        Assert.Equal(1, _harness.Metrics.EndedBy(reason));
        Assert.Equal(verdict, Assert.Single(_harness.Recorder.Newest(10)).Verdict);
    }

    private async Task<(ScriptedDevice Device, SslStream Stream)> ConnectAsync(SslProtocols version = SslProtocols.None, int pieces = int.MaxValue)
    {
        var connection = new InMemoryConnection();
        _harness.Connect(connection);
        var client = new SslStream(new PeerStream(connection, pieces), leaveInnerStreamOpen: true, static (_, certificate, _, _) => certificate is not null);
        await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "gate.example", EnabledSslProtocols = version }).WaitAsync(s_limit);
        return (new ScriptedDevice(client), client);
    }
}
