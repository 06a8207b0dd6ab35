using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Restarts;

/// <summary>A restart in place: no connection is closed, whatever it was doing, and no byte is lost, doubled or reordered.</summary>
public sealed class RestartInPlaceTests
{
    [Fact]
    public async Task Connections_in_every_phase_survive_three_restarts()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(
            "--FastGate:Devices:Timeouts:Handshake=00:05:00", "--FastGate:Devices:Timeouts:Hello=00:05:00", "--FastGate:Devices:Timeouts:Close=00:05:00");
        int processId = gateway.ProcessId;
        await using DeviceClient idle = await DeviceClient.ConnectAsync(gateway, "idle");
        await idle.HelloAsync();
        using RawConnection closing = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "closing");
        for (int guess = 0; guess < 3; guess++)
        {
            // The server closes after the third wrong secret and waits for the answer of the client.
            await closing.SendAsync(ClientFrame.Text(DeviceTexts.Restart("wrong")));
        }

        Assert.Equal(1008, (await closing.ReadFrameAsync(RawFrame.Close))!.CloseStatus);
        byte[] ping = ClientFrame.Text(DeviceTexts.Ping);
        byte[] request = Encoding.UTF8.GetBytes(DeviceTexts.Esp32Request("handshaking"));
        using RawConnection header = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "header");
        using RawConnection payload = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "payload");
        using RawConnection fragment = await RawConnection.OpenDeviceAsync(gateway.DevicePort, "fragment");
        using RawConnection handshaking = await RawConnection.OpenAsync(gateway.DevicePort);
        using RawConnection silent = await RawConnection.OpenAsync(gateway.DevicePort);
        for (int restart = 0; restart < 3; restart++)
        {
            await header.SendAsync(ping.AsMemory(0, 3));
            await payload.SendAsync(ping.AsMemory(0, 11));
            await fragment.SendAsync(ClientFrame.Build(RawFrame.Text, "{\"ty"u8.ToArray(), fin: false));
            await handshaking.SendAsync(request.AsMemory(restart * 40, 40));

            JsonNode report = await RestartRequest.RunAsync(gateway);

            Assert.InRange((int)report["last"]!["connections"]!, restart == 0 ? 7 : 6, 7);
            Assert.Equal(0, (int)report["last"]!["closed"]!);
            await header.SendAsync(ping.AsMemory(3));
            await payload.SendAsync(ping.AsMemory(11));
            await fragment.SendAsync(ClientFrame.Build(RawFrame.Continuation, "pe\":\"ping\"}"u8.ToArray()));
            foreach (RawConnection connection in (RawConnection[])[header, payload, fragment])
            {
                Assert.Contains("pong", (await connection.ReadFrameAsync(RawFrame.Text))!.PayloadText, StringComparison.Ordinal);
            }

            await idle.PingAsync();
            if (restart == 0)
            {
                await closing.SendAsync(ClientFrame.Close(1008));
                Assert.Empty(await closing.ReadToEndAsync());
                closing.Dispose();
            }
        }

        await handshaking.SendAsync(request.AsMemory(120));
        Assert.Equal(101, (await handshaking.ReadReplyAsync()).Status);
        await silent.SendAsync(DeviceTexts.Esp32Request("silent"));
        Assert.Equal(101, (await silent.ReadReplyAsync()).Status);
        using AdminClient admin = new(gateway);
        JsonObject device = (await admin.DevicesAsync()).Single(static device => (string?)device["deviceId"] == "idle");
        Assert.Equal(idle.SessionId, (string?)device["sessionId"]);
        Assert.True((bool)device["helloSeen"]!);
        Assert.Equal(processId, (int)(await admin.StatusAsync())["process"]!["id"]!);
        Assert.Equal(3, (int)(await admin.StatusAsync())["restart"]!["restarts"]!);
        Assert.Equal(6, await admin.MetricAsync("fastgate_connections_open"));
        await AssertNoChildrenAsync(processId);
        Assert.Equal(0, await gateway.TerminateAsync());
    }

    [Fact]
    public async Task Numbered_messages_stay_in_order_both_ways_and_no_connect_is_refused()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Devices:Echo=true");
        using CancellationTokenSource stop = new();
        Task<int>[] talkers = [.. Enumerable.Range(0, 8).Select(number => TalkAsync(gateway, number, stop.Token))];
        Task<int> newClients = ConnectAgainAsync(gateway, stop.Token);
        for (int restart = 0; restart < 3; restart++)
        {
            await RestartRequest.RunAsync(gateway);
        }

        await stop.CancelAsync();
        int[] echoes = await Task.WhenAll(talkers).WaitAsync(Deadline.Program);
        Assert.All(echoes, static count => Assert.InRange(count, 10, int.MaxValue));
        Assert.InRange(await newClients.WaitAsync(Deadline.Program), 3, int.MaxValue);
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task A_turn_in_progress_ends_before_the_restart_and_the_next_one_begins_after_it()
    {
        OpenAiServer llm = new();
        await llm.InitializeAsync();
        try
        {
            await using GatewayProcess gateway = await GatewayProcess.StartAsync([.. llm.Options("slow"), "--FastGate:Restart:TurnWait=00:01:00"]);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "talking");
            await device.HelloAsync();
            await device.SendAsync(DeviceTexts.Detect("one"));
            await device.ReceiveUntilAsync("tts", "start");

            Task<JsonNode> restart = RestartRequest.RunAsync(gateway);
            await device.ReceiveUntilAsync("tts", "stop");
            await device.SendAsync(DeviceTexts.Detect("two"));

            JsonNode last = (await restart)["last"]!;
            Assert.Equal(0, (int)last["turnsCut"]!);
            await device.ReceiveUntilAsync("tts", "stop");
            using AdminClient admin = new(gateway);
            string memory = await Eventually.ValueAsync(() => admin.MemoryAsync("talking"), static text => text.Contains("two", StringComparison.Ordinal));
            Assert.Contains("one", memory, StringComparison.Ordinal);
        }
        finally
        {
            await llm.DisposeAsync();
        }
    }

    [RequiresProgramFact(RequiredProgram.Python)]
    public async Task A_turn_that_takes_too_long_is_cut_and_its_device_stays_connected()
    {
        OpenAiServer llm = new();
        await llm.InitializeAsync();
        try
        {
            string[] options = [.. llm.Options("silent"), "--FastGate:Llm:Timeouts:FirstToken=00:05:00", "--FastGate:Llm:Timeouts:Total=00:10:00"];
            await using GatewayProcess gateway = await GatewayProcess.StartAsync([.. options, "--FastGate:Restart:TurnWait=00:00:00.2"]);
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "waiting");
            await device.HelloAsync();
            await device.SendAsync(DeviceTexts.Detect("wait"));
            await Eventually.TrueAsync(async () => (await llm.RequestsAsync()).Count > 0);

            JsonNode last = (await RestartRequest.RunAsync(gateway))["last"]!;

            Assert.Equal((0, 1), ((int)last["turnsWaited"]!, (int)last["turnsCut"]!));
            await device.ReceiveUntilAsync("tts", "stop");
            await device.PingAsync();
        }
        finally
        {
            await llm.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_kill_directly_after_the_replacement_leaves_a_whole_database()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-restart-").FullName;
        try
        {
            await using (GatewayProcess gateway = await GatewayProcess.StartAsync([], directory))
            {
                await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "before");
                await device.HelloAsync();
                await device.SayAsync("words before the restart");
                using HttpClient http = new() { Timeout = Deadline.Program };
                using HttpResponseMessage answer = await http.PostAsync(gateway.AdminUri("/api/v1/restart"), null);
                await Eventually.TrueAsync(() => gateway.Log.Contains("Replacing the program", StringComparison.Ordinal), Deadline.Program);
                await gateway.KillAsync();
            }

            string database = Path.Combine(directory, "data", "fastgate.db");
            Assert.Equal("ok", Conversations.StoredTurns.Check(database));
            await using GatewayProcess next = await GatewayProcess.StartAsync([], directory);
            using AdminClient admin = new(next);
            Assert.Contains("words before the restart", await admin.MemoryAsync("before"), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task The_database_stays_locked_over_a_restart()
    {
        string directory = Directory.CreateTempSubdirectory("fastgate-restart-").FullName;
        try
        {
            await using GatewayProcess gateway = await GatewayProcess.StartAsync([], directory);
            await RestartRequest.RunAsync(gateway);
            await RestartRequest.RunAsync(gateway);

            await using var second = GatewayProcess.Launch([], directory);

            Assert.Equal(1, await second.WaitForExitAsync(Deadline.Program));
            Assert.Contains("fastgate.db", second.Log, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<int> TalkAsync(GatewayProcess gateway, int number, CancellationToken stop)
    {
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, string.Create(CultureInfo.InvariantCulture, $"talker-{number}"));
        int sent = 0;
        int received = 0;
        while (!stop.IsCancellationRequested)
        {
            // Some messages are always on their way.
            for (; sent < received + 4; sent++)
            {
                await device.SendAsync(string.Create(CultureInfo.InvariantCulture, $"{number} {sent}"));
            }

            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{number} {received}"), await device.ReceiveTextAsync());
            received++;
        }

        return received;
    }

    private static async Task<int> ConnectAgainAsync(GatewayProcess gateway, CancellationToken stop)
    {
        int count = 0;
        while (!stop.IsCancellationRequested)
        {
            await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "new-client");
            await device.SendAsync("hello");
            Assert.Equal("hello", await device.ReceiveTextAsync());
            count++;
        }

        return count;
    }

    private static async Task AssertNoChildrenAsync(int processId)
    {
        foreach (string thread in Directory.GetDirectories($"/proc/{processId}/task"))
        {
            Assert.Equal("", await File.ReadAllTextAsync(Path.Combine(thread, "children")));
        }
    }
}
