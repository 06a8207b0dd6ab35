namespace FastGate.LoadTest.Speech;

/// <summary>A sentence as a device's microphone hears and encodes it: silence, the words, silence.</summary>
internal sealed class SpokenSentence
{
    public required short[] Samples { get; init; }

    /// <summary>One packet for each 60 ms of the samples.</summary>
    public required byte[][] Packets { get; init; }

    /// <summary>Where the words are.</summary>
    public required VoicedSpan Voiced { get; init; }

    /// <summary>The packets with the first and the last sound of the words.</summary>
    public int FirstVoiced => Voiced.Begin / SpeechSource.FrameSamples;

    public int LastVoiced => (Voiced.End - 1) / SpeechSource.FrameSamples;

    /// <summary>The packet to send; after the end of the sentence its last packets, which are silence, again and again.</summary>
    public byte[] PacketAt(int number)
    {
        const int Repeated = SpeechSource.TrailingMs / 2 / SpeechSource.FrameMs;
        return Packets[number < Packets.Length ? number : Packets.Length - Repeated + ((number - Packets.Length) % Repeated)];
    }
}
