using System.Globalization;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Restarts;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests.Telemetry;

/// <summary>A server pushes its metrics, traces and log to an OpenTelemetry collector that the options or the environment name.</summary>
public sealed class TelemetryPushTests(OpenAiServer llm) : IClassFixture<OpenAiServer>
{
    private const string Secret = "Bearer secret-of-the-collector";
    private const string Quick = "export OTEL_METRIC_EXPORT_INTERVAL=200 OTEL_BSP_SCHEDULE_DELAY=100 OTEL_BLRP_SCHEDULE_DELAY=100 OTEL_RESOURCE_ATTRIBUTES=service.instance.id=one,deployment.environment.name=test";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Collector_of_the_options_gets_turns_with_their_provider_calls(bool grpc)
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(grpc);
        await using GatewayProcess gateway = await StartAsync(collector, "normal");
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "traced-device");
        await device.HelloAsync();
        await device.SayAsync("在吗？");

        await Eventually.TrueAsync(() => Turns(collector).Any(), Deadline.Program);
        OtlpSpan turn = Turns(collector).Single();
        Assert.Empty(turn.ParentId);
        Assert.Equal("invoke_agent", turn["gen_ai.operation.name"]);
        Assert.Equal(device.SessionId, turn["gen_ai.conversation.id"]);
        Assert.Equal("traced-device", turn["device.id"]);
        Assert.Equal("Completed", turn["outcome"]);
        await Eventually.TrueAsync(() => ChildrenOf(turn, collector).Count() == 2);
        OtlpSpan chat = ChildrenOf(turn, collector).Single(static span => span.Name == "chat normal");
        Assert.Equal(3, chat.Kind);
        Assert.InRange(chat.Start, turn.Start, turn.End);
        Assert.InRange(chat.End, chat.Start, turn.End);
        Assert.Equal("chat", chat["gen_ai.operation.name"]);
        Assert.Equal("openai", chat["gen_ai.provider.name"]);
        Assert.Equal("normal", chat["gen_ai.request.model"]);
        Assert.Equal("127.0.0.1", chat["server.address"]);
        Assert.Equal(llm.Port.ToString(CultureInfo.InvariantCulture), chat["server.port"]);
        Assert.Equal("stop", chat["gen_ai.response.finish_reasons"]);
        Assert.True(long.Parse(chat["gen_ai.usage.input_tokens"]!, CultureInfo.InvariantCulture) > 0);
        Assert.True(long.Parse(chat["gen_ai.usage.output_tokens"]!, CultureInfo.InvariantCulture) > 0);
        Assert.Contains(ChildrenOf(turn, collector), static span => span.Name == "first_token");
        Assert.All(collector.Resources, static resource => Assert.Equal("fastgate one test", string.Join(' ',
            OtlpPair.Find(resource.Attributes, "service.name"),
            OtlpPair.Find(resource.Attributes, "service.instance.id"),
            OtlpPair.Find(resource.Attributes, "deployment.environment.name"))));
        Assert.Equal([Secret], collector.Authorizations.Keys);
        Assert.DoesNotContain("secret-of-the-collector", gateway.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" trace=", "")]
    [InlineData("\"TraceId\":\"", "--Logging:Console:Format=json")]
    public async Task Log_records_and_console_lines_of_a_failed_call_have_the_trace_of_its_turn(string mark, string format)
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(grpc: false);
        await using GatewayProcess gateway = await StartAsync(collector, "error-500", format);
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "failing-device");
        await device.HelloAsync();
        await device.SayAsync("在吗？");

        await Eventually.TrueAsync(() => Turns(collector).Any(), Deadline.Program);
        OtlpSpan turn = Turns(collector).Single();
        Assert.Equal(2, turn.Status?.Code);
        OtlpSpan chat = await Eventually.ValueAsync(() => Task.FromResult(ChildrenOf(turn, collector).FirstOrDefault()), static span => span is not null) ?? throw new InvalidOperationException();
        Assert.NotNull(chat["error.type"]);
        Assert.Equal(2, chat.Status?.Code);
        await Eventually.TrueAsync(() => collector.LogRecords.Any(record => record.TraceId.AsSpan().SequenceEqual(turn.TraceId)));
        Assert.Contains(collector.LogRecords, static record => record.TraceId.Length == 0);
        string[] lines = [.. gateway.Log.Split('\n').Where(line => line.Contains(mark + Convert.ToHexStringLower(turn.TraceId), StringComparison.Ordinal))];
        Assert.NotEmpty(lines);
    }

    [Fact]
    public async Task Pushed_counters_equal_the_scraped_ones()
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(grpc: true);
        await using GatewayProcess gateway = await StartAsync(collector, "normal");
        await using (DeviceClient device = await DeviceClient.ConnectAsync(gateway, "counted"))
        {
            await device.HelloAsync();
            await device.SayAsync("在吗？");
            await device.CloseAsync();
        }

        using HttpClient http = new();
        int equal = 0;
        await Eventually.TrueAsync(async () =>
        {
            string[] scraped = (await http.GetStringAsync(gateway.AdminUri("/metrics"))).Split('\n');
            (string Series, double Value)[] pushed =
            [
                .. collector.Metrics.Where(static metric => metric.Sum is { IsMonotonic: true } && metric.Name.StartsWith("fastgate.", StringComparison.Ordinal))
                    .SelectMany(static metric => metric.Sum!.Points.Where(static point => point.Value > 0).Select(point => (SeriesOf(metric, point), point.Value))),
            ];
            equal = pushed.Count(pair => scraped.Any(line => IsSample(line, pair.Series, pair.Value)));
            return pushed.Length >= 10 && equal == pushed.Length;
        });
        Assert.True(equal >= 10);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_waits_is_sent_before_a_restart_and_before_the_end(bool restart)
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(grpc: false);
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(GatewayProcess.Launch(
            [$"--FastGate:Telemetry:Endpoint={collector.Address}", "--FastGate:Telemetry:Protocol=HttpProtobuf"],
            shell: "export OTEL_METRIC_EXPORT_INTERVAL=3600000 OTEL_BSP_SCHEDULE_DELAY=3600000 OTEL_BLRP_SCHEDULE_DELAY=3600000"));
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "last");
        await device.HelloAsync();
        await device.SayAsync("在吗？");
        await (restart ? RestartRequest.RunAsync(gateway) : (Task)gateway.TerminateAsync());

        Assert.Single(Turns(collector));
        Assert.NotEmpty(collector.Metrics);
        Assert.NotEmpty(collector.LogRecords);
    }

    [Fact]
    public async Task Variables_alone_turn_the_exports_on_and_the_sampler_off()
    {
        await using OtlpCollector collector = await OtlpCollector.StartAsync(grpc: false);
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(GatewayProcess.Launch(
            [], shell: $"{Quick} OTEL_EXPORTER_OTLP_ENDPOINT={collector.Address} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_TRACES_SAMPLER=always_off OTEL_SERVICE_NAME=named"));
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "unsampled");
        await device.HelloAsync();
        await device.SayAsync("在吗？");

        await Eventually.TrueAsync(() => collector.Metrics.Any() && collector.LogRecords.Any(), Deadline.Program);
        await gateway.TerminateAsync();
        Assert.Empty(collector.Spans);
        Assert.All(collector.Resources, static resource => Assert.Equal("named", OtlpPair.Find(resource.Attributes, "service.name")));
        Assert.DoesNotContain(" trace=", gateway.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_does_not_answer_is_reported_once_and_devices_are_served()
    {
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(GatewayProcess.Launch(
            [$"--FastGate:Telemetry:Endpoint=http://127.0.0.1:{FreePort.Next()}"], shell: Quick));
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "served");
        await device.HelloAsync();
        await device.SayAsync("在吗？");
        await Eventually.TrueAsync(() => gateway.Log.Contains("[7410]", StringComparison.Ordinal), Deadline.Program);
        await device.SayAsync("在吗？");
        await gateway.TerminateAsync();
        Assert.Single(gateway.Log.Split('\n'), static line => line.Contains("[7410]", StringComparison.Ordinal));
    }

    private Task<GatewayProcess> StartAsync(OtlpCollector collector, string model, string format = "") => GatewayProcess.ReadyAsync(GatewayProcess.Launch(
        [
            .. llm.Options(model),
            $"--FastGate:Telemetry:Endpoint={collector.Address}",
            $"--FastGate:Telemetry:Protocol={(collector.IsGrpc ? "Grpc" : "HttpProtobuf")}",
            "--FastGate:Telemetry:TraceOneIn=1",
            .. format.Length > 0 ? [format] : (string[])[],
        ],
        shell: $"{Quick} FastGate__Telemetry__Headers='authorization={Secret}'"));

    private static IEnumerable<OtlpSpan> Turns(OtlpCollector collector) => collector.Spans.Where(static span => span.Name == "turn");

    private static IEnumerable<OtlpSpan> ChildrenOf(OtlpSpan turn, OtlpCollector collector) =>
        collector.Spans.Where(span => span.ParentId.AsSpan().SequenceEqual(turn.SpanId) && span.TraceId.AsSpan().SequenceEqual(turn.TraceId));

    /// <summary>The name without unit and suffix, and the labels as Prometheus writes them.</summary>
    private static string SeriesOf(OtlpMetric metric, OtlpMetric.Point point) =>
        metric.Name.Replace('.', '_') + ' ' + string.Join(',', point.Attributes.Select(static attribute => $"{attribute.Key.Replace('.', '_')}=\"{attribute.Value}\"").Order(StringComparer.Ordinal));

    private static bool IsSample(string line, string series, double value)
    {
        int brace = line.IndexOf('{', StringComparison.Ordinal);
        int space = line.LastIndexOf(' ');
        if (line.StartsWith('#') || space < 0)
        {
            return false;
        }

        string name = line[..(brace < 0 ? space : brace)];
        string labels = brace < 0 ? "" : string.Join(',', line[(brace + 1)..line.LastIndexOf('}')].Split(',').Order(StringComparer.Ordinal));
        string[] wanted = series.Split(' ', 2);
        return name.StartsWith(wanted[0], StringComparison.Ordinal) && name.EndsWith("_total", StringComparison.Ordinal)
            && labels == wanted[1] && double.Parse(line.AsSpan(space + 1), CultureInfo.InvariantCulture) == value;
    }
}
