using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Devices;

/// <summary>Receives what a <see cref="DeviceStream"/> parses. Payloads are only valid during the call.</summary>
internal interface IDeviceEvents
{
    /// <summary>The server answered 101.</summary>
    void OnUpgraded();

    /// <summary>The server answered another status; 0 when the answer was not HTTP.</summary>
    void OnRefused(int status);

    /// <summary>A whole text or binary message.</summary>
    void OnMessage(Opcode opcode, ReadOnlySpan<byte> payload);

    void OnPing(ReadOnlySpan<byte> payload);

    void OnPong(ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>A close frame; status 1005 when it has none. Firmware does not answer it.</summary>
    void OnClose(int status);

    /// <summary>The server sent a frame that it must not send.</summary>
    void OnBroken(FrameError error);
}
