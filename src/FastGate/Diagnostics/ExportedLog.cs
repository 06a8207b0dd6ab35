using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Resources;

namespace FastGate.Diagnostics;

/// <summary>
/// The log's way to an OTLP collector. The SDK's queue is bounded; a log call never waits. Each record has the trace and the span in which it was written.
/// </summary>
[ProviderAlias("OpenTelemetry")]
internal sealed class ExportedLog : ILoggerProvider
{
    private readonly OpenTelemetryLoggerProvider _provider;
    private readonly ProviderHandle _handle = new();

    public ExportedLog(TelemetryExport export, ResourceBuilder resource, ExportFailures? failures)
    {
        var options = new OpenTelemetryLoggerOptions { IncludeFormattedMessage = true, ParseStateValues = true };
        options.SetResourceBuilder(resource);
        options.AddOtlpExporter(otlp => export.Apply(otlp, "/v1/logs", failures));
        options.AddProcessor(_handle);
        _provider = new OpenTelemetryLoggerProvider(new FixedOptions(options));
    }

    public ILogger CreateLogger(string categoryName) => _provider.CreateLogger(categoryName);

    /// <summary>Sends what is waiting.</summary>
    public void Flush(int milliseconds) => (_handle.ParentProvider as LoggerProvider)?.ForceFlush(milliseconds);

    public void Dispose() => _provider.Dispose();

    /// <summary>Knows the SDK's provider, which <see cref="OpenTelemetryLoggerProvider"/> keeps to itself.</summary>
    private sealed class ProviderHandle : BaseProcessor<LogRecord>;

    private sealed class FixedOptions(OpenTelemetryLoggerOptions options) : IOptionsMonitor<OpenTelemetryLoggerOptions>
    {
        public OpenTelemetryLoggerOptions CurrentValue => options;

        public OpenTelemetryLoggerOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<OpenTelemetryLoggerOptions, string?> listener) => null;
    }
}
