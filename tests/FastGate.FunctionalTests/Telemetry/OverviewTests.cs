using System.Globalization;
using System.Text.Json.Nodes;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Fleet;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Telemetry;

/// <summary>The dashboard gets its numbers from the event <c>overview</c>, Prometheus from <c>/metrics</c>: both show the same.</summary>
public sealed class OverviewTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    [Fact]
    public async Task Every_number_of_the_overview_equals_its_metric()
    {
        List<DeviceClient> devices = [];
        for (int i = 0; i < 6; i++)
        {
            DeviceClient device = await DeviceClient.ConnectAsync(fixture.Gateway, $"overview-{i}");
            devices.Add(device);
            await device.HelloAsync();
            await device.SayAsync("hello");
        }

        using FleetClient fleet = new(fixture.Gateway);
        await fleet.SendAsync(HttpMethod.Post, "/api/v1/devices/overview-0/kick");
        await devices[0].ReceiveCloseAsync();
        await devices[1].CloseAsync();
        devices[2].Drop();
        using RawConnection handshaking = await RawConnection.OpenAsync(fixture.Gateway.DevicePort);
        await Eventually.ValueAsync(() => fixture.Admin.MetricAsync("fastgate_connections_ended_total"), static ended => ended == 3);
        await Eventually.ValueAsync(() => fixture.Admin.MetricAsync("fastgate_transport_open"), static open => open == 4);

        using HttpClient http = new() { Timeout = Deadline.Hang };
        JsonObject overview = await OverviewAsync(http);
        Dictionary<string, double> metrics = await MetricsAsync(http);

        List<string> compared = [];
        foreach ((string name, JsonNode? value) in overview)
        {
            compared.AddRange(name switch
            {
                "at" => [],
                "uptimeSeconds" => AssertNear(metrics["process_start_time_seconds"] + (double)value!, DateTimeOffset.UtcNow.ToUnixTimeSeconds(), 120),
                "devices" => AssertEqual(value, "fastgate_connections_registered"),
                "open" => AssertEqual(value, "fastgate_connections_open"),
                "connects" => AssertEqual(value, "fastgate_connections_upgraded_total"),
                "ends" => AssertEach(value, "fastgate_connections_ended_total", "reason"),
                "turns" => AssertEach(value, "fastgate_session_turns_total", "outcome"),
                "stages" => value!.AsArray().SelectMany(stage => AssertStage(stage!)),
                "llm" => value!.AsArray().SelectMany(provider => AssertProvider(provider!)),
                "loops" => value!.AsArray().SelectMany(loop => AssertLoop(loop!)),
                "memory" => AssertMemory(value!),
                _ => throw new InvalidOperationException($"The number {name} is new: compare it with its metric."),
            });
        }

        Assert.Equal(3, (int)overview["devices"]!);
        Assert.Equal(6, (int)overview["turns"]!["completed"]!);
        Assert.InRange(compared.Count, 15, int.MaxValue);
        foreach (DeviceClient device in devices)
        {
            await device.DisposeAsync();
        }

        string[] AssertEqual(JsonNode? value, string series)
        {
            Assert.True((double)value! == metrics[series], $"{series}: overview {value}, metric {metrics[series]}");
            return [series];
        }

        IEnumerable<string> AssertEach(JsonNode? values, string name, string tag)
        {
            // What the overview leaves out is zero.
            double all = metrics.Where(pair => pair.Key.StartsWith(name + "{", StringComparison.Ordinal)).Sum(static pair => pair.Value);
            Assert.Equal(all, values!.AsObject().Sum(static pair => (double)pair.Value!));
            return values.AsObject().SelectMany(pair => AssertEqual(pair.Value, $"{name}{{{tag}=\"{pair.Key}\"}}"));
        }

        IEnumerable<string> AssertStage(JsonNode stage)
        {
            string label = $"{{stage=\"{stage["name"]}\"}}";
            double seconds = metrics["fastgate_session_stage_time_seconds_total" + label];
            Assert.Equal(Math.Round(1_000 * seconds / (double)stage["count"]!, 1), (double)stage["meanMs"]!);
            return AssertEqual(stage["count"], "fastgate_session_stages_total" + label);
        }

        IEnumerable<string> AssertProvider(JsonNode provider)
        {
            string label = $"{{model=\"{provider["model"]}\",provider=\"{provider["name"]}\"}}";
            Assert.Equal((string?)provider["breaker"] == "open" ? 1 : 0, metrics["fastgate_conversation_breaker_open" + label]);
            return AssertEqual(provider["inFlight"], "fastgate_conversation_provider_in_flight" + label);
        }

        IEnumerable<string> AssertLoop(JsonNode loop)
        {
            string label = $"{{loop=\"{loop["loop"]}\"}}";
            Assert.InRange((double)loop["busy"]!, 0, 1);
            Assert.InRange(metrics["fastgate_loops_time_seconds_total" + label], 0, double.MaxValue);
            return AssertEqual(loop["connections"], "fastgate_loops_connections" + label);
        }

        // Read one after the other while the process works.
        string[] AssertMemory(JsonNode memory) =>
        [
            .. AssertNear((double)memory["residentBytes"]!, metrics["process_resident_memory_bytes"], 64 << 20),
            .. AssertNear((double)memory["managedBytes"]!, metrics["dotnet_gc_heap_bytes"], 64 << 20),
        ];
    }

    private static string[] AssertNear(double value, double other, double tolerance)
    {
        Assert.InRange(value, other - tolerance, other + tolerance);
        return ["near"];
    }

    private async Task<JsonObject> OverviewAsync(HttpClient http)
    {
        await using Stream events = await http.GetStreamAsync(fixture.Gateway.AdminUri("/api/v1/events"));
        using StreamReader reader = new(events);
        while (true)
        {
            string line = (await reader.ReadLineAsync().WaitAsync(Deadline.Hang))!;
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonNode.Parse(line["data: ".Length..])!.AsObject();
            }
        }
    }

    private async Task<Dictionary<string, double>> MetricsAsync(HttpClient http)
    {
        string text = await http.GetStringAsync(fixture.Gateway.AdminUri("/metrics"));
        return text.Split('\n')
            .Where(static line => line.Length > 0 && line[0] != '#' && !line.Contains("_bucket{", StringComparison.Ordinal))
            .Select(static line => (Series: line[..line.LastIndexOf(' ')].Replace("{}", "", StringComparison.Ordinal), Value: line[(line.LastIndexOf(' ') + 1)..]))
            .ToDictionary(static line => line.Series, static line => double.Parse(line.Value, CultureInfo.InvariantCulture));
    }
}
