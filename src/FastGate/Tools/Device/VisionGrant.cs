namespace FastGate.Tools.Device;

/// <summary>Lets one device send pictures.</summary>
/// <param name="Url">Absolute address that the device can reach.</param>
/// <param name="Token">Bearer token; valid for this device only.</param>
internal sealed record VisionGrant(string Url, string Token);
