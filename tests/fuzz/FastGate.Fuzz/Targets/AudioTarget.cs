using FastGate.Protocol.Audio;

namespace FastGate.Fuzz.Targets;

/// <summary>Binary messages of devices. The first byte chooses the framing.</summary>
internal static class AudioTarget
{
    private static readonly AudioFraming[] s_framings = Enum.GetValues<AudioFraming>();

    public static void Run(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        ReadOnlySpan<byte> message = input.AsSpan(1);
        if (AudioFrameReader.TryRead(s_framings[input[0] % s_framings.Length], message, out AudioFrame frame)
            && OpusPacket.TryParse(frame.Payload, out OpusPacket packet))
        {
            _ = packet.HasVoice(frame.Payload);
        }
    }
}
