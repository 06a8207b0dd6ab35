using System.Net;
using System.Text;
using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;

namespace FastGate.FunctionalTests;

/// <summary>A server pushes its metrics and traces to an OpenTelemetry collector that the environment names.</summary>
public sealed class TelemetryPushTests
{
    [Theory]
    [InlineData("/v1/metrics", "fastgate.connections")]
    [InlineData("/v1/traces", "fastgate")]
    public async Task Collector_receives(string path, string text)
    {
        int port = FreePort.Next();
        using HttpListener collector = new();
        collector.Prefixes.Add($"http://127.0.0.1:{port}/");
        collector.Start();
        Task received = ReceiveAsync(collector, path, text);
        await using GatewayProcess gateway = await GatewayProcess.ReadyAsync(GatewayProcess.Launch(
            [],
            shell: $"export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:{port} OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_METRIC_EXPORT_INTERVAL=200 OTEL_BSP_SCHEDULE_DELAY=200"));
        await using DeviceClient device = await DeviceClient.ConnectAsync(gateway, "pushing");
        await device.HelloAsync();
        await device.SayAsync("在吗？");
        await received.WaitAsync(Deadline.Program);
    }

    private static async Task ReceiveAsync(HttpListener collector, string path, string text)
    {
        bool isReceived = false;
        while (!isReceived)
        {
            HttpListenerContext context = await collector.GetContextAsync();
            using MemoryStream body = new();
            await context.Request.InputStream.CopyToAsync(body);
            isReceived = context.Request.Url!.AbsolutePath == path && body.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
            context.Response.Close();
        }
    }
}
