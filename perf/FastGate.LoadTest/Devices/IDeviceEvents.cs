using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Devices;

/// <summary>What a <see cref="DeviceStream"/> found in the bytes. Payloads are only valid during the call.</summary>
internal interface IDeviceEvents
{
    /// <summary>The server said 101.</summary>
    void OnUpgraded();

    /// <summary>The server said something else; the status is 0 when it was no HTTP at all.</summary>
    void OnRefused(int status);

    /// <summary>A whole text or binary message.</summary>
    void OnMessage(Opcode opcode, ReadOnlySpan<byte> payload);

    void OnPing(ReadOnlySpan<byte> payload);

    /// <summary>A close frame, status 1005 when it held none. Firmware does not answer it.</summary>
    void OnClose(int status);

    /// <summary>Not a frame that a server may send.</summary>
    void OnBroken(FrameError error);
}
