using System.Net.Sockets;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Dashboard;
using FastGate.FunctionalTests.Restarts;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Operators;

/// <summary>How a trace ends on each road: its reader is slow, its server restarts or is killed, its reader leaves.</summary>
public sealed class TraceEndTests(DashboardFixture fixture) : IClassFixture<DashboardFixture>
{
    private const string Device = "traced-1";

    [Fact]
    public async Task Slow_reader_learns_how_many_lines_it_has_missed()
    {
        // More than the ring and all buffers on the way to the reader have room for.
        const int Messages = 4_000;
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        using AdminClient admin = new(gateway);
        JsonNode begun = (await new ApiRoad(gateway).ActAsync(new OperatorAct("POST", "traces", $$"""{"device":"{{Device}}","minutes":5}""", [], "", "")))!;
        string path = $"/api/v1/traces/{begun["id"]}";
        using HttpClient http = new(new SocketsHttpHandler { ConnectCallback = ConnectSmallAsync }) { Timeout = Timeout.InfiniteTimeSpan };
        using HttpResponseMessage stream = await http.GetAsync(gateway.AdminUri(path), HttpCompletionOption.ResponseHeadersRead).WaitAsync(Deadline.Hang);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, Device);
        await device.HelloAsync();
        string padding = new('x', 4_000);
        for (int i = 0; i < Messages; i++)
        {
            await device.SendAsync($$"""{"type":"padding","number":{{i}},"text":"{{padding}}"}""");
        }

        await device.PingAsync();
        JsonNode traces = await admin.GetAsync("/api/v1/traces");
        long total = (long)traces["traces"]![0]!["lines"]!;
        Assert.True(total >= Messages, traces.ToJsonString());
        await new ApiRoad(gateway).ActAsync(new OperatorAct("DELETE", path["/api/v1/".Length..], null, [], "", ""));

        using StreamReader reader = new(await stream.Content.ReadAsStreamAsync());
        long missed = 0;
        List<string> kinds = [];
        int last = -1;
        using CancellationTokenSource hang = new(Deadline.Hang);
        while (await reader.ReadLineAsync(hang.Token) is { } line)
        {
            JsonNode parsed = JsonNode.Parse(line)!;
            kinds.Add((string)parsed["kind"]!);
            missed += (string?)parsed["kind"] == "lines_missed" ? (long)parsed["count"]! : 0;
            if ((int?)parsed["message"]?["number"] is { } number)
            {
                Assert.True(number > last, $"{number} after {last}");
                last = number;
            }
        }

        Assert.InRange(missed, 1, total);
        Assert.Equal(total + 1, kinds.Count(static kind => kind != "lines_missed") + missed);
        Assert.Equal("trace_ended", kinds[^1]);
    }

    [Theory]
    [InlineData(false, 1, "The server restarts, which ends the trace.")]
    [InlineData(true, 3, "The connection to http://127.0.0.1:")]
    public async Task Command_says_that_its_server_has_gone(bool isKilled, int exitCode, string error)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        await using var trace = RunningCommand.Start(gateway, "devices", "trace", Device);
        await BeginsAsync(gateway);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, Device);
        await device.HelloAsync();
        await Eventually.TrueAsync(() => trace.Output.Contains("\"hello\"", StringComparison.Ordinal), Deadline.Program);
        if (isKilled)
        {
            await gateway.KillAsync();
        }
        else
        {
            await RestartRequest.RunAsync(gateway);
            await device.PingAsync();
        }

        Assert.Equal(exitCode, await trace.ExitCodeAsync());
        Assert.Contains(error, trace.Errors, StringComparison.Ordinal);
        Assert.Equal(isKilled, !trace.Output.EndsWith("""
            "kind":"stream_ended","detail":"the server restarts"}

            """, StringComparison.Ordinal));
    }

    [Fact]
    public async Task File_that_cannot_be_written_begins_no_trace()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        ServerCommand trace = await ServerCommand.RunAsync(gateway, "devices", "trace", Device, "--output", "absent/trace.jsonl");
        Assert.Equal((1, ""), (trace.ExitCode, trace.Output));
        Assert.Contains("absent/trace.jsonl", trace.Errors, StringComparison.Ordinal);
        using AdminClient admin = new(gateway);
        Assert.Equal(0, (int)(await admin.GetAsync("/api/v1/audit"))["total"]!);
    }

    [RequiresProgramFact(RequiredProgram.Chromium)]
    public async Task Page_says_that_its_server_has_gone()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        Chromium page = await BeginAsync(gateway);
        await RestartRequest.RunAsync(gateway);
        await page.WaitAsync("document.querySelector('.trace pre:last-child')?.textContent.includes('the server restarts') === true");
        await page.WaitAsync("document.querySelector('[data-act=trace]').disabled === false && document.querySelector('[data-act=trace-stop]').disabled");

        await page.EvaluateAsync("document.querySelector('[data-act=trace]').click()");
        await BeginsAsync(gateway);
        await page.WaitAsync("document.querySelector('[data-act=trace-stop]').disabled === false");
        await gateway.KillAsync();
        await page.WaitAsync("[...document.querySelectorAll('[role=alert]')].some((one) => one.textContent.startsWith('The connection to the server was lost'))");
    }

    [RequiresProgramTheory(RequiredProgram.Chromium)]
    [InlineData("location.hash = '#/overview'")]
    [InlineData("location.assign('about:blank')")]
    public async Task Page_that_is_left_ends_its_trace(string leave)
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync();
        Chromium page = await BeginAsync(gateway);
        await page.EvaluateAsync(leave);
        using AdminClient admin = new(gateway);
        await Eventually.ValueAsync(() => admin.GetAsync("/api/v1/traces"), static running => running["traces"]!.AsArray().Count == 0);
    }

    private async Task<Chromium> BeginAsync(GatewayProcess gateway)
    {
        Chromium page = await fixture.OpenAsync(gateway.AdminUri("/"), $"devices/{Device}");
        await page.WaitAsync("document.querySelector('[data-act=trace]') !== null");
        await page.EvaluateAsync("document.querySelector('[data-act=trace]').click()");
        await BeginsAsync(gateway);
        await page.WaitAsync("document.querySelector('[data-act=trace-stop]').disabled === false");
        return page;
    }

    private static async Task BeginsAsync(GatewayProcess gateway)
    {
        using AdminClient admin = new(gateway);
        await Eventually.ValueAsync(() => admin.GetAsync("/api/v1/traces"), static running => running["traces"]!.AsArray().Count == 1, Deadline.Program);
    }

    /// <summary>A reader whose socket holds little, so that it is slow as soon as it does not read.</summary>
    private static async ValueTask<Stream> ConnectSmallAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
