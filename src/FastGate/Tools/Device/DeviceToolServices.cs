using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Tools.Device;

/// <summary>What the tools of all devices share. A reload replaces the timeout, on any thread.</summary>
internal sealed class DeviceToolServices(DeviceToolOptions options, DeviceToolMetrics metrics, TimeProvider time, ILogger log)
{
    private volatile DeviceToolOptions _options = options;

    public TimeSpan CallTimeout => _options.CallTimeout;

    public DeviceToolMetrics Metrics { get; } = metrics;

    public TimeProvider Time { get; } = time;

    public ILogger Log { get; } = log;

    public ToolLists Lists { get; } = new();

    /// <summary>Where devices send pictures; null when nowhere. Set before the first device connects.</summary>
    public IVisionAccess? Vision { get; set; }

    /// <summary>Puts new options in force.</summary>
    public void Apply(DeviceToolOptions options) => _options = options;
}
