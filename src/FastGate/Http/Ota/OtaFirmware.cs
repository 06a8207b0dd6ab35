namespace FastGate.Http.Ota;

/// <summary>The version the device has already, and no address: nothing to upgrade to.</summary>
internal sealed record OtaFirmware(string Version, string Url);
