namespace FastGate.Http.Ota;

/// <summary>What a device says about itself in its OTA request, and what is wrong with the body.</summary>
internal readonly record struct OtaDevice(string? Version, string? Board, string? Problem);
