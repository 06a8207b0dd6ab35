using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProtoBuf;

namespace FastGate.FunctionalTests.Telemetry;

/// <summary>A receiver of OTLP over gRPC or over plain HTTP, which keeps what it receives.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    /// <summary>gRPC writes a flag and the length before each message.</summary>
    private const int GrpcPrefix = 5;

    private readonly WebApplication _application;
    private readonly ConcurrentQueue<OtlpExport<OtlpSpan>> _traces = [];
    private readonly ConcurrentQueue<OtlpExport<OtlpMetric>> _metrics = [];
    private readonly ConcurrentQueue<OtlpExport<OtlpLogRecord>> _logs = [];

    // Guarded by itself.
    private readonly StringBuilder _text = new();

    private OtlpCollector(WebApplication application, bool grpc)
    {
        _application = application;
        IsGrpc = grpc;
        application.Run(ReceiveAsync);
    }

    public bool IsGrpc { get; }

    /// <summary>The bytes of every export as characters, to search for a text.</summary>
    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    public Uri Address => new(_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Values of the header <c>authorization</c>.</summary>
    public ConcurrentDictionary<string, bool> Authorizations { get; } = [];

    public IEnumerable<OtlpSpan> Spans => _traces.SelectMany(static traces => traces.Items);

    public IEnumerable<OtlpLogRecord> LogRecords => _logs.SelectMany(static logs => logs.Items);

    /// <summary>The metrics of the last export; empty before the first.</summary>
    public IEnumerable<OtlpMetric> Metrics => _metrics.LastOrDefault()?.Items ?? [];

    /// <summary>The resource of every export.</summary>
    public IEnumerable<OtlpResource> Resources =>
        _traces.SelectMany(static traces => traces.Resources.Select(static resource => resource.Resource))
            .Concat(_metrics.SelectMany(static metrics => metrics.Resources.Select(static resource => resource.Resource)))
            .Concat(_logs.SelectMany(static logs => logs.Resources.Select(static resource => resource.Resource)));

    public static async Task<OtlpCollector> StartAsync(bool grpc)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var collector = new OtlpCollector(builder.Build(), grpc);
        await collector._application.StartAsync();
        return collector;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        byte[] bytes = body.ToArray();
        Authorizations.TryAdd(context.Request.Headers.Authorization.ToString(), true);
        if (IsGrpc)
        {
            Assert.Equal(bytes.Length - GrpcPrefix, BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1)));
            bytes = bytes[GrpcPrefix..];
        }

        lock (_text)
        {
            _text.Append(Encoding.UTF8.GetString(bytes));
        }

        switch (context.Request.Path.Value)
        {
            case "/v1/traces" or "/opentelemetry.proto.collector.trace.v1.TraceService/Export":
                _traces.Enqueue(Read<OtlpExport<OtlpSpan>>(bytes));
                break;
            case "/v1/metrics" or "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export":
                _metrics.Enqueue(Read<OtlpExport<OtlpMetric>>(bytes));
                break;
            case "/v1/logs" or "/opentelemetry.proto.collector.logs.v1.LogsService/Export":
                _logs.Enqueue(Read<OtlpExport<OtlpLogRecord>>(bytes));
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
        }

        // An empty answer: everything was taken.
        context.Response.ContentType = IsGrpc ? "application/grpc" : "application/x-protobuf";
        if (IsGrpc)
        {
            await context.Response.Body.WriteAsync(new byte[GrpcPrefix]);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }

    private static T Read<T>(byte[] bytes) => Serializer.Deserialize<T>(bytes.AsSpan());
}
