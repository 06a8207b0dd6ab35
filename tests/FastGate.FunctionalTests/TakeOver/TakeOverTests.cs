using System.Net;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Fleet;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.TakeOver;

/// <summary>Another process takes over all connections: <c>FastGate --take-over</c>.</summary>
public sealed class TakeOverTests
{
    private const int Many = 60;

    [Fact]
    public async Task Devices_notice_nothing_when_another_process_takes_over()
    {
        await using TakeOverFixture fixture = await TakeOverFixture.StartAsync(Many);
        string?[] sessions = [.. fixture.Devices.Select(static device => device.SessionId)];
        using (FleetClient fleet = new(fixture.Old))
        {
            await fleet.SendAsync(HttpMethod.Post, "/api/v1/bans", """{"device":"banned"}""", HttpStatusCode.Created);
            await fleet.SendAsync(HttpMethod.Put, "/api/v1/devices/another/tags", """{"tags":["hall"]}""");
        }

        fixture.KeepConnecting();

        await using GatewayProcess next = await GatewayProcess.ReadyAsync(fixture.TakeOver());

        Assert.Equal(0, await fixture.Old.WaitForExitAsync());
        Assert.All(await fixture.AnsweredAsync(), Assert.True);
        await fixture.StopConnectingAsync();
        Assert.Equal(0, fixture.Refused);
        Assert.Contains($"Handed over to process {next.ProcessId}: ", fixture.Old.Log, StringComparison.Ordinal);
        Assert.Contains($"Taken over from process {fixture.Old.ProcessId}: ", next.Log, StringComparison.Ordinal);
        Assert.Equal(sessions, fixture.Devices.Select(static device => device.SessionId));

        // What a device says is answered by the new process, and a new device is served.
        Assert.NotEmpty(await fixture.Devices[0].SayAsync("hello"));
        await using DeviceClient another = await DeviceClient.ConnectAsync(next, "another");
        await another.HelloAsync();

        // Bans and tags are in force.
        using (RawConnection banned = await RawConnection.OpenAsync(next.DevicePort))
        {
            await banned.SendAsync(DeviceTexts.Esp32Request("banned"));
            Assert.Equal(403, (await banned.ReadReplyAsync()).Status);
        }

        using (AdminClient admin = new(next))
        {
            Assert.Equal("hall", (string?)(await admin.GetAsync("/api/v1/devices/another"))["tags"]![0]);
        }

        // The new process can be taken over from in its turn.
        await using GatewayProcess third = await GatewayProcess.ReadyAsync(fixture.TakeOver());
        Assert.Equal(0, await next.WaitForExitAsync());
        Assert.All(await fixture.AnsweredAsync(), Assert.True);
        Assert.Equal(0, await third.TerminateAsync());
        Assert.False(File.Exists(fixture.Socket));
    }
}
