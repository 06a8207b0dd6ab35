using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>Errors of an event loop's own system calls, which the sockets transport does not make.</summary>
public sealed class LoopFaultTests
{
    /// <summary>Every second wait of a loop fails: only a defect can cause that.</summary>
    [RequiresProgramFact(RequiredProgram.Strace)]
    public async Task A_failed_wait_is_reported_and_devices_are_served()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Devices:EventLoops=1");
        await using (SystemCallFaults faults = await SystemCallFaults.AttachAsync(gateway.ProcessId, "?epoll_wait,?epoll_pwait", "error=EINVAL:when=2+2"))
        {
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "served");
            for (int i = 0; i < 5; i++)
            {
                await device.PingAsync();
            }

            await Eventually.TrueAsync(() => gateway.Log.Contains("epoll_wait:", StringComparison.Ordinal));
        }

        Assert.Equal(0, await gateway.TerminateAsync());
    }
}
