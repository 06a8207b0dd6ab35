using OpenTelemetry.Exporter;

namespace FastGate.Diagnostics;

/// <summary>Where metrics, traces and logs are exported to: the gateway's options, or the standard <c>OTEL_*</c> variables.</summary>
internal sealed record TelemetryExport
{
    /// <summary>Null leaves every signal to the variables.</summary>
    public Uri? Endpoint { get; init; }

    public bool IsGrpc { get; init; } = true;

    /// <summary>Secret: it is passed to the exporter and appears nowhere else.</summary>
    public string? Headers { get; init; }

    public bool Traces { get; init; } = true;

    public bool Metrics { get; init; } = true;

    public bool Logs { get; init; } = true;

    /// <summary>0 leaves the sampler to the variables.</summary>
    public int TraceOneIn { get; init; }

    /// <summary>Whether the options or the variables ask for the signal: <c>TRACES</c>, <c>METRICS</c> or <c>LOGS</c>.</summary>
    public bool IsRequested(string signal, bool enabled, Func<string, string?> variable)
    {
        if (string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        return variable($"OTEL_{signal}_EXPORTER") is { Length: > 0 } exporters
            ? exporters.Split(',', StringSplitOptions.TrimEntries).Contains("otlp")
            : (Endpoint is not null && enabled) || variable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 } || variable($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT") is { Length: > 0 };
    }

    /// <summary>Applies the options; what they leave out keeps the value of its variable.</summary>
    /// <param name="exporter">The exporter of the signal.</param>
    /// <param name="path">Path of the signal below the endpoint, for OTLP over plain HTTP.</param>
    public void Apply(OtlpExporterOptions exporter, string path)
    {
        if (Endpoint is not null)
        {
            exporter.Protocol = IsGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = IsGrpc ? Endpoint : new Uri(Endpoint.AbsoluteUri.TrimEnd('/') + path);
        }

        if (Headers is not null)
        {
            exporter.Headers = Headers;
        }
    }
}
