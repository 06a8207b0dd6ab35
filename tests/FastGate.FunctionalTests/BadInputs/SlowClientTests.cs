using FastGate.FunctionalTests.Clients;

namespace FastGate.FunctionalTests.BadInputs;

/// <summary>A client that does not read. The test checks that its connection is closed, not when.</summary>
public sealed class SlowClientTests(ShortWriteGateway fixture) : IClassFixture<ShortWriteGateway>
{
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
