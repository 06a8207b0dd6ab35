namespace FastGate.Configuration.Options;

/// <summary>The device door: where it listens, how it carries bytes, and what a device may cost.</summary>
internal sealed record DeviceOptions
{
    public string Listen { get; init; } = "0.0.0.0:8000";

    public DeviceTransportKind Transport { get; init; } = DeviceTransportKind.Auto;

    /// <summary>Loop threads; 0 means one per core.</summary>
    public int EventLoops { get; init; }

    /// <summary>Echo every data message instead of speaking the device protocol; conformance suites need it.</summary>
    public bool Echo { get; init; }

    public int MaxConnections { get; init; } = 100_000;

    public DuplicateDevicePolicy DuplicateDevice { get; init; } = DuplicateDevicePolicy.Replace;

    public DeviceTimeouts Timeouts { get; init; } = new();

    public DeviceLimits Limits { get; init; } = new();
}
