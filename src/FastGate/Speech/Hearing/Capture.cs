using FastGate.Diagnostics;
using FastGate.Protocol.Audio;
using FastGate.Transport.Concurrency;

namespace FastGate.Speech.Hearing;

/// <summary>
/// A device that listens. Its event loop puts packets and asks for an end; everything else belongs to one speech worker, which decodes the packets
/// and finds the utterances.
/// </summary>
internal sealed partial class Capture : IStackNode<Capture>
{
    private readonly PacketRing _packets;

    // Set by the loop, read by the worker.
    private volatile bool _closed;
    private volatile bool _finished;
    private volatile bool _paused;

    private Capture(CaptureMode mode, IUtteranceHandler handler, EndpointSettings settings, SpeechMemory memory, SpeechMetrics metrics, PacketRing packets)
    {
        _mode = mode;
        _handler = handler;
        _settings = settings;
        _memory = memory;
        _metrics = metrics;
        _packets = packets;
        _endpoint = new Endpoint(settings);
    }

    /// <summary>Link of the worker's intake.</summary>
    public Capture? Next { get; set; }

    /// <summary>Null at the bound of memory.</summary>
    public static Capture? TryCreate(
        CaptureMode mode, IUtteranceHandler handler, EndpointSettings settings, SpeechMemory memory, SpeechMetrics metrics) =>
        PacketRing.TryCreate(memory) is { } packets ? new Capture(mode, handler, settings, memory, metrics, packets) : null;

    /// <summary>Puts one packet. The loop only; copies and returns. Budget: no allocation (OpusPacketTests, PacketRingTests).</summary>
    public void Put(ReadOnlySpan<byte> packet)
    {
        if (packet.Length > PacketRing.MaxPacket || !OpusPacket.TryParse(packet, out _))
        {
            _metrics.BadPackets.Increment();
        }
        else if (_packets.Put(packet) is > 0 and int dropped)
        {
            _metrics.DroppedPackets.Add(dropped);
        }
    }

    /// <summary>The device has stopped listening: what was said so far is the utterance. The loop only.</summary>
    public void Finish() => _finished = true;

    /// <summary>Hears again after an utterance that was no words. The loop only.</summary>
    public void Resume() => _paused = false;

    /// <summary>Ends the capture; nothing is put afterwards. The loop only.</summary>
    public void Close() => _closed = true;
}
