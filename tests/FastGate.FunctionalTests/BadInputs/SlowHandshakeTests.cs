using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Handshakes that do not end. The tests check that a connection is closed, not when.</summary>
public sealed class SlowHandshakeTests(ShortHandshakeGateway fixture) : IClassFixture<ShortHandshakeGateway>
{
    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("GET /xiaozhi/v1/ HTTP/1.1\r\nHost: gateway\r\nDevice-Id: ")]
    public async Task Silent_handshake_is_closed(string before)
    {
        using RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        await client.SendAsync(before);
        await client.ReadToEndAsync();
        await fixture.AssertHealthyAsync();
    }

    [Fact]
    public async Task Slow_handshake_is_closed_although_bytes_keep_arriving()
    {
        using RawConnection client = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        Task<byte[]> ended = client.ReadToEndAsync();
        using PeriodicTimer drip = new(TimeSpan.FromMilliseconds(100));
        await client.TrySendAsync("GET / HTTP/1.1\r\nX-Drip: "u8.ToArray());
        while (!ended.IsCompleted && await client.TrySendAsync("x"u8.ToArray()))
        {
            await drip.WaitForNextTickAsync();
        }

        await ended;
        await fixture.AssertHealthyAsync();
    }
}
