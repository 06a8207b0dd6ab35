using System.Net.WebSockets;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>Stops by signal: drain, deadlines and exit code.</summary>
public sealed class DrainTests
{
    /// <summary>Longer than any wait of a test: a stop that ends has not waited for the deadline.</summary>
    private const string LongDeadline = "--FastGate:Drain:Deadline=00:05:00";

    [Theory]
    [InlineData(PosixProcess.SigTerm)]
    [InlineData(PosixProcess.SigInt)]
    public async Task Stop_closes_devices_with_1001_and_exits_with_0_without_waiting_for_the_deadline(int signal)
    {
        PosixProcess.RestoreSigInt();
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(LongDeadline);
        DeviceClient[] devices = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => DeviceClient.ConnectAsync(gateway, $"device-{i}")));
        foreach (DeviceClient device in devices)
        {
            await device.HelloAsync();
        }

        gateway.Signal(signal);
        WebSocketCloseStatus?[] statuses = await Task.WhenAll(devices.Select(static device => device.ReceiveCloseAsync()));
        Assert.Equal(0, await gateway.WaitForExitAsync());
        Assert.All(statuses, static status => Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, status));
        Array.ForEach(devices, static device => device.Drop());
    }

    [Fact]
    public async Task Unresponsive_device_does_not_delay_the_stop()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(LongDeadline);
        using RawConnection halfway = await RawConnection.OpenAsync(gateway.DevicePort);
        await halfway.SendAsync("GET /xiaozhi/v1/ HTT");
        using RawConnection unresponsive = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "unresponsive");
        Assert.Equal(0, await gateway.TerminateAsync());
        Assert.Equal(1001, (await unresponsive.ReadFrameAsync(RawFrame.Close))?.CloseStatus);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Second_signal_ends_a_drain_that_waits_for_a_turn()
    {
        OpenAiServer llm = new();
        await llm.InitializeAsync();
        try
        {
            string[] options =
            [
                .. llm.Options("silent"),
                "--FastGate:Llm:Timeouts:FirstToken=00:05:00",
                "--FastGate:Llm:Timeouts:Total=00:10:00",
                LongDeadline,
            ];
            await using GatewayProcess gateway = await GatewayProcess.StartAsync(options);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "waiting");
            await device.HelloAsync();
            await device.SendAsync(DeviceTexts.Detect("等等"));
            await Eventually.TrueAsync(async () => (await llm.RequestsAsync()).Count > 0);

            gateway.Signal(PosixProcess.SigTerm);

            // While draining, the server is not ready and refuses new connections.
            using HttpClient http = new();
            await Eventually.TrueAsync(async () =>
            {
                using HttpResponseMessage ready = await http.GetAsync(gateway.HttpUri("/health/ready"));
                return (int)ready.StatusCode == 503;
            });
            using RawConnection late = await RawConnection.OpenAsync(gateway.DevicePort);
            await late.SendAsync(DeviceTexts.Esp32Request("late"));
            HttpReply refusal = await late.ReadReplyAsync();
            Assert.Equal(503, refusal.Status);
            Assert.NotNull(refusal.Header("Retry-After"));
            Assert.False(gateway.HasExited);

            gateway.Signal(PosixProcess.SigTerm);
            await gateway.WaitForExitAsync();
        }
        finally
        {
            await llm.DisposeAsync();
        }
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Turn_in_progress_finishes_before_the_device_is_closed()
    {
        OpenAiServer llm = new();
        await llm.InitializeAsync();
        try
        {
            await using GatewayProcess gateway = await GatewayProcess.StartAsync([.. llm.Options("slow"), LongDeadline]);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "in-mid-sentence");
            await device.HelloAsync();
            await device.SendAsync(DeviceTexts.Detect("讲个故事"));
            await device.ReceiveUntilAsync("tts", "sentence_start");

            gateway.Signal(PosixProcess.SigTerm);

            IReadOnlyList<JsonObject> rest = await device.ReceiveUntilAsync("tts", "stop");
            Assert.Contains(rest, static message => (string?)message["text"] == "这是结尾。");
            Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await device.ReceiveCloseAsync());
            Assert.Equal(0, await gateway.WaitForExitAsync());
        }
        finally
        {
            await llm.DisposeAsync();
        }
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task Endless_turn_is_abandoned_at_the_deadline()
    {
        OpenAiServer llm = new();
        await llm.InitializeAsync();
        try
        {
            string[] options = [.. llm.Options("silent"), "--FastGate:Llm:Timeouts:FirstToken=00:05:00", "--FastGate:Llm:Timeouts:Total=00:10:00", "--FastGate:Drain:Deadline=00:00:02"];
            await using GatewayProcess gateway = await GatewayProcess.StartAsync(options);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "endless");
            await device.HelloAsync();
            await device.SendAsync(DeviceTexts.Detect("等等"));
            await Eventually.TrueAsync(async () => (await llm.RequestsAsync()).Count > 0);
            gateway.Signal(PosixProcess.SigTerm);
            Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await device.ReceiveCloseAsync());
            Assert.Equal(0, await gateway.WaitForExitAsync());
        }
        finally
        {
            await llm.DisposeAsync();
        }
    }
}
