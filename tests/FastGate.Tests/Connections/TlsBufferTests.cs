using System.Net.Security;
using System.Text;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Testing;
using FastGate.Testing.Tls;
using FastGate.Tests.Fuzz;
using FastGate.Tests.Fuzz.Lives;
using FastGate.Tests.Transport;
using FastGate.Transport.Tls;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Connections;

/// <summary>A TLS connection that does not end in order returns its buffers too. Not parallel to other tests, whose buffers would count.</summary>
[Collection(nameof(ConnectionFuzzTests))]
public sealed class TlsBufferTests : IDisposable
{
    private readonly TlsServer _tls = new(new FixedCertificate(), concurrency: 2, pending: 2);
    private readonly PoolBalance _pools = new(keepsStacks: true);
    private readonly ConnectionHarness _harness;

    public TlsBufferTests() => _harness = new ConnectionHarness(new DeviceOptions { Echo = true }, tls: _tls);

    public void Dispose()
    {
        _pools.Dispose();
        _harness.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Handshake_that_is_abandoned_returns_the_buffers_of_the_library(bool isByClock)
    {
        byte[] hello = await TestHello.CreateAsync();
        _pools.Restart();
        ScriptedDevice device = _harness.Connect(out InMemoryConnection connection);
        await device.SendAsync(hello);
        if (isByClock)
        {
            _harness.Clock.Turn(TimeSpan.FromSeconds(30));
        }
        else
        {
            connection.CloseFromPeer(new ConnectionResetException("reset"));
        }

        await _harness.EndAsync();
        Assert.Equal(1, _tls.Abandoned);
        await AssertReturnedAsync(connection);
    }

    [Fact]
    public async Task Half_a_request_before_a_reset_is_returned()
    {
        _pools.Restart();
        _harness.Connect(out InMemoryConnection connection);
        await using (var client = new SslStream(new PeerStream(connection), leaveInnerStreamOpen: true, static (_, certificate, _, _) => certificate is not null))
        {
            await client.AuthenticateAsClientAsync("gate.example").Within();
            await client.WriteAsync(Encoding.ASCII.GetBytes(ScriptedDevice.Request()[..40]));
            connection.CloseFromPeer(new ConnectionResetException("reset"));
            await _harness.EndAsync();
        }

        Assert.Equal(1, _harness.Metrics.EndedBy(ConnectionEndReason.PeerReset));
        await AssertReturnedAsync(connection);
    }

    private async Task AssertReturnedAsync(InMemoryConnection connection)
    {
        await connection.PeerInput.CompleteAsync();
        await connection.PeerOutput.CompleteAsync();
        Exception? missing = await Record.ExceptionAsync(() => Eventually.TrueAsync(() => _pools.Missing == 0, "all buffers are returned"));
        Assert.True(missing is null, _pools.Describe());
    }
}
