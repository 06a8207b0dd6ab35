using FastGate.Tests.Configuration;
using Microsoft.Extensions.Logging;

namespace FastGate.Tests.Transport;

/// <summary>One record for all categories.</summary>
internal sealed class RecordingLoggerFactory : ILoggerFactory
{
    public RecordingLogger<RecordingLoggerFactory> Log { get; } = new();

    public ILogger CreateLogger(string categoryName) => Log;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
