using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

public sealed class OverloadTests
{
    /// <summary>
    /// The heap is more than one per cent of 256 MB, and no collection measures it: the first comes after 128 MB. The numbers are hexadecimal, and the native
    /// program reads them only without 0x.
    /// </summary>
    [Fact]
    public async Task Overloaded_server_is_not_ready_and_says_why()
    {
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(
            GatewayProcess.Launch(
                ["--FastGate:Overload:MemoryPercent=1"],
                shell: "export DOTNET_GCHeapHardLimit=10000000 DOTNET_GCgen0size=8000000"));
        using HttpClient http = new();

        string report = await ReportAsync(http, gateway, HttpStatusCode.ServiceUnavailable);

        Assert.Contains("overloaded: ", report, StringComparison.Ordinal);
    }

    /// <summary>
    /// The limit of open files becomes lower while the server runs. Twenty descriptors are left, which the server keeps for itself. Devices with an id of their own
    /// stay.
    /// </summary>
    [Fact]
    public async Task Server_without_a_descriptor_for_another_device_is_not_ready_and_closes_idle_devices_with_an_automatic_id()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using DeviceClient automatic = await DeviceClient.ConnectAsync(gateway.DeviceUri());
        await automatic.HelloAsync();
        await using DeviceClient named = await DeviceClient.ConnectAsync(gateway, "named");
        await named.HelloAsync();

        // They take the free numbers between those in use.
        List<DeviceClient> others = [];
        using HttpClient http = new();
        try
        {
            for (int i = 0; i < 40; i++)
            {
                others.Add(await DeviceClient.ConnectAsync(gateway, string.Create(CultureInfo.InvariantCulture, $"other-{i}")));
                await others[^1].HelloAsync();
            }

            // The connection of this client stays open, because the server cannot accept another one.
            await ReportAsync(http, gateway, HttpStatusCode.OK);
            int open = Directory.GetFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{gateway.ProcessId}/fd")).Length;
            await LimitOpenFilesAsync(gateway, open + 20);
            Assert.Contains("overloaded: no descriptor is left", await ReportAsync(http, gateway, HttpStatusCode.ServiceUnavailable), StringComparison.Ordinal);
            Assert.Equal((WebSocketCloseStatus)1013, await automatic.ReceiveCloseAsync());
            await named.PingAsync();
        }
        finally
        {
            foreach (DeviceClient other in others)
            {
                await other.DisposeAsync();
            }
        }

        await LimitOpenFilesAsync(gateway, 1_000);
        await ReportAsync(http, gateway, HttpStatusCode.OK);
    }

    /// <summary>The limit is far below what a busy event loop needs, so a slow machine exceeds it too.</summary>
    [Fact]
    public async Task Server_whose_processor_time_exceeds_its_limit_is_not_ready_refuses_new_devices_and_recovers()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Overload:LoopPercent=2", "--FastGate:Devices:EventLoops=1", "--FastGate:Devices:Echo=true");
        using HttpClient http = new();
        using (RawConnection busy = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "busy"))
        {
            byte[] frame = ClientFrame.Build(RawFrame.Binary, new byte[16 * 1024]);
            Task<string> report = ReportAsync(http, gateway, HttpStatusCode.ServiceUnavailable);
            while (!report.IsCompleted)
            {
                await busy.SendAsync(frame);
                Assert.NotNull(await busy.ReadFrameAsync());
            }

            Assert.Contains("overloaded: processor time at ", await report, StringComparison.Ordinal);
            using RawConnection refused = await RawConnection.OpenAsync(gateway.DevicePort);
            await refused.SendAsync(DeviceTexts.Esp32Request("refused"));
            Assert.Equal(503, (await refused.ReadReplyAsync()).Status);
        }

        await Eventually.TrueAsync(() => gateway.Log.Contains("[7667]", StringComparison.Ordinal), Deadline.Program, "the server has recovered");
        using RawConnection next = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "next");
    }

    /// <summary>The report of readiness, as soon as it has this status.</summary>
    private static Task<string> ReportAsync(HttpClient http, GatewayProcess gateway, HttpStatusCode status) => Eventually.ValueAsync(
        async () =>
        {
            using HttpResponseMessage reply = await http.GetAsync(gateway.HttpUri("/health/ready"));
            return reply.StatusCode == status ? await reply.Content.ReadAsStringAsync() : "";
        },
        static text => text.Length > 0,
        Deadline.Program);

    private static async Task LimitOpenFilesAsync(GatewayProcess gateway, int limit)
    {
        string[] arguments = ["--pid", gateway.ProcessId.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"--nofile={limit}:")];
        using var process = Process.Start("prlimit", arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
