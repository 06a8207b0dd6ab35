using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>What is sent to an OpenTelemetry collector. Where a key is not set, the standard <c>OTEL_*</c> variables decide.</summary>
internal sealed record TelemetryOptions : IOptionSection
{
    /// <summary>Address of an OTLP collector, as in `http://collector:4317`. It gets the signals below; without it `OTEL_EXPORTER_OTLP_ENDPOINT` names the collector.</summary>
    [HttpUrl]
    public string? Endpoint { get; init; }

    /// <summary>Protocol of `Telemetry:Endpoint`: `Grpc`, usually on port 4317, or `HttpProtobuf`, usually on 4318.</summary>
    public TelemetryProtocol Protocol { get; init; } = TelemetryProtocol.Grpc;

    /// <summary>Headers of every export, as in `authorization=Bearer abc,x-tenant=one`; without it `OTEL_EXPORTER_OTLP_HEADERS`.</summary>
    [Text(4_096, Secret = true)]
    public string? Headers { get; init; }

    /// <summary>Whether `Telemetry:Endpoint` gets a span for each turn, with its stages and provider calls.</summary>
    public bool Traces { get; init; } = true;

    /// <summary>Whether `Telemetry:Endpoint` gets the metrics, which `/metrics` serves in any case.</summary>
    public bool Metrics { get; init; } = true;

    /// <summary>Whether `Telemetry:Endpoint` gets the log, which the console has in any case.</summary>
    public bool Logs { get; init; } = true;

    /// <summary>Traces one turn in this many, chosen by its trace id; 0 leaves it to `OTEL_TRACES_SAMPLER`, whose default is every turn.</summary>
    [WholeNumber(0, 1_000_000, Note = "0 means OTEL_TRACES_SAMPLER")]
    public int TraceOneIn { get; init; }
}

/// <summary>How OTLP is spoken.</summary>
internal enum TelemetryProtocol
{
    Grpc,
    HttpProtobuf,
}
