using System.Collections.Concurrent;
using FastGate.Protocol.Audio;
using FastGate.Sessions;

namespace FastGate.Testing;

/// <summary>Keeps what devices sent.</summary>
internal sealed class RecordingAudioSink : IAudioSink
{
    public ConcurrentQueue<byte[]> Frames { get; } = new();

    public int Started { get; private set; }

    public int Stopped { get; private set; }

    public void ListenStarted(DeviceSession session) => Started++;

    public void Receive(DeviceSession session, in AudioFrame frame) => Frames.Enqueue(frame.Payload.ToArray());

    public void ListenStopped(DeviceSession session) => Stopped++;
}
