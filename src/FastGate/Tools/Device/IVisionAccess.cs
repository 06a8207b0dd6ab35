namespace FastGate.Tools.Device;

/// <summary>Where a device with a camera sends its pictures. Implemented by the room that serves the address.</summary>
internal interface IVisionAccess
{
    /// <summary>The address and a new token for this device, or null when no pictures are taken. Any thread; does not wait.</summary>
    VisionGrant? GrantFor(string deviceId);
}
