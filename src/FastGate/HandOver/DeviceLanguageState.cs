namespace FastGate.HandOver;

/// <summary>The language that a device has reported to OTA.</summary>
internal sealed record DeviceLanguageState(string DeviceId, byte Language);
