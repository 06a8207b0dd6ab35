namespace FastGate.Fleet;

/// <summary>What a device has reported to be: firmware and board, by which filters find it.</summary>
internal readonly record struct DeviceKind(string DeviceId, string? Firmware, string? Board, DateTimeOffset ReportedAt);
