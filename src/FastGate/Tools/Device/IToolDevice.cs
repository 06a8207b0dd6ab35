namespace FastGate.Tools.Device;

/// <summary>The device whose tools are called; implemented by its session.</summary>
internal interface IToolDevice
{
    string DeviceId { get; }

    Guid SessionId { get; }

    /// <summary>Queues a text message for the device. Any thread; never blocks.</summary>
    void Send(byte[] message);
}
