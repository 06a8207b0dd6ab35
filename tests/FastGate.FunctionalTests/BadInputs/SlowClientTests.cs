using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>Clients that answer late or do not read. The tests check that a connection is closed or kept, not when.</summary>
public sealed class SlowClientTests(ShortWriteGateway fixture) : IClassFixture<ShortWriteGateway>
{
    [Fact]
    public async Task Message_after_the_idle_warning_keeps_the_connection()
    {
        using RawConnection device = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "woken");
        await device.SendAsync(ClientFrame.Text(DeviceTexts.Hello));
        await device.ReadFrameAsync(RawFrame.Text);
        for (int round = 0; round < 2; round++)
        {
            RawFrame? warning = await device.ReadFrameAsync(RawFrame.Text);
            Assert.Contains("timeout_warning", warning?.PayloadText, StringComparison.Ordinal);
            await device.SendAsync(ClientFrame.Text(DeviceTexts.Ping));
            Assert.Equal("""{"type":"pong"}""", (await device.ReadFrameAsync(RawFrame.Text))?.PayloadText);
        }
    }

    [Fact]
    public async Task Device_that_never_reads_is_closed_and_others_are_served()
    {
        using RawConnection reader = await RawConnection.OpenDeviceAsync(fixture.Gateway.DevicePort, "never-reads", receiveBuffer: 4096);
        byte[] hellos = [.. Enumerable.Repeat(ClientFrame.Text(DeviceTexts.Hello), 200).SelectMany(static frame => frame)];
        var flood = Task.Run(async () =>
        {
            while (await reader.TrySendAsync(hellos))
            {
            }
        });
        await using (DeviceClient other = await DeviceClient.ConnectAsync(fixture.Gateway, "reads"))
        {
            await other.HelloAsync();
            await other.PingAsync();
            other.Drop();
        }

        await flood;
        await fixture.AssertHealthyAsync();
    }
}
