using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Tools.Device;

/// <summary>What the tools of all devices share.</summary>
internal sealed class DeviceToolServices(Func<ToolOptions> options, DeviceToolMetrics metrics, TimeProvider time, ILogger log)
{
    /// <summary>False: devices are not asked for tools. A reload changes it for devices that connect later.</summary>
    public bool IsEnabled => options().Enabled;

    /// <summary>How long a device may take to answer.</summary>
    public TimeSpan Timeout => options().Timeout;

    public DeviceToolMetrics Metrics { get; } = metrics;

    public TimeProvider Time { get; } = time;

    public ILogger Log { get; } = log;

    public ToolLists Lists { get; } = new();

    /// <summary>Where devices send pictures; null when nowhere. Set before the first device connects.</summary>
    public IVisionAccess? Vision { get; set; }

    /// <summary>Called on the pool when the tools of a device have been listed. Set before the first device connects.</summary>
    public Action<string>? OnListed { get; set; }
}
