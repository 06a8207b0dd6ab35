using FastGate.Diagnostics;
using FastGate.Protocol.Audio;

namespace FastGate.Sessions;

/// <summary>The default sink: no recogniser is configured, so frames are counted and dropped.</summary>
internal sealed class CountingAudioSink(SessionMetrics metrics) : IAudioSink
{
    public void ListenStarted(DeviceSession session)
    {
    }

    public void Receive(DeviceSession session, in AudioFrame frame) => metrics.AudioFrames.Increment();

    public void ListenStopped(DeviceSession session)
    {
    }
}
