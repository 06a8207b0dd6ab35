namespace FastGate.Commands;

/// <summary>The connected devices.</summary>
internal interface ICommandDevices
{
    /// <summary>Null when the device is not connected.</summary>
    ICommandDevice? Find(string deviceId);
}
