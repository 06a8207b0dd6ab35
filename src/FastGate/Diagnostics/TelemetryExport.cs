using OpenTelemetry.Exporter;

namespace FastGate.Diagnostics;

/// <summary>Where metrics, traces and logs are exported to: the gateway's options, or the standard <c>OTEL_*</c> variables.</summary>
internal sealed record TelemetryExport
{
    private static readonly string[] s_certificates = ["OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY"];

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
    /// <param name="signal">Path of the signal below the endpoint, for OTLP over plain HTTP.</param>
    /// <param name="failures">Gets what the collector refuses; null for none.</param>
    public void Apply(OtlpExporterOptions exporter, string signal, ExportFailures? failures)
    {
        // The exporter's own client knows the certificates that variables name.
        if (failures is not null && !s_certificates.Any(static name => Environment.GetEnvironmentVariable(name) is { Length: > 0 }))
        {
            exporter.HttpClientFactory = () => new HttpClient(failures.CreateHandler()) { Timeout = TimeSpan.FromMilliseconds(exporter.TimeoutMilliseconds) };
        }

        if (Endpoint is not null)
        {
            exporter.Protocol = IsGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = IsGrpc ? Endpoint : new Uri(Endpoint.AbsoluteUri.TrimEnd('/') + signal);
        }

        if (Headers is not null)
        {
            exporter.Headers = Headers;
        }
    }
}
