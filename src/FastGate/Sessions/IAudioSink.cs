using FastGate.Protocol.Audio;

namespace FastGate.Sessions;

/// <summary>Where a device's audio goes. Called on the connection's loop: it must not block, and must copy what it keeps.</summary>
internal interface IAudioSink
{
    void ListenStarted(DeviceSession session);

    void Receive(DeviceSession session, in AudioFrame frame);

    void ListenStopped(DeviceSession session);
}
