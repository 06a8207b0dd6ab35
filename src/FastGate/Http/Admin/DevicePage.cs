namespace FastGate.Http.Admin;

/// <summary>Devices in the order of their ids; <paramref name="Next"/> goes into <c>after</c> for the following page.</summary>
internal sealed record DevicePage(int Total, IReadOnlyList<DeviceReport> Devices, string? Next);
