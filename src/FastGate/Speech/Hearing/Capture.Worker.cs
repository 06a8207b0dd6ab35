using System.Diagnostics;
using FastGate.Diagnostics;
using FastGate.Protocol.Audio;
using FastGate.Speech.Codec;

namespace FastGate.Speech.Hearing;

/// <summary>The side of the speech worker.</summary>
internal sealed partial class Capture
{
    private const int SamplesPerMs = VoiceStream.SampleRate / 1000;

    /// <summary>
    /// Packets decoded in one round, eight times those of a device with frames of 20 ms: one that sends more must not delay the other devices, nor an
    /// event loop on the same processor. What a device says in 20 s is decoded in less than 3 s.
    /// </summary>
    private const int PacketsPerRound = 8;

    private readonly CaptureMode _mode;
    private readonly IUtteranceHandler _handler;
    private readonly EndpointSettings _settings;
    private readonly SpeechMemory _memory;
    private readonly SpeechMetrics _metrics;
    private readonly VoiceStream _stream = new();
    private Endpoint _endpoint;
    private IOpusDecoder? _decoder;
    private Utterance? _utterance;
    private short[] _preRoll = [];
    private int _preRollAt;
    private int _preRollCount;
    private int _filled;
    private long _lastPacketMs;
    private long _lastVoiceMs;
    private bool _spoken;
    private long _spokenAt;
    private bool _refused;
    private int _roundPackets;

    // Decoded samples that are not yet in a window: at most one packet of 120 ms.
    private short[] _decoded = [];
    private int _decodedAt;
    private int _decodedCount;

    /// <summary>The window to judge; valid after <see cref="TryFillWindow"/>.</summary>
    public VoiceStream Stream => _stream;

    public bool IsClosed => _closed;

    /// <summary>False when the user says where the utterance ends: its windows need no judge.</summary>
    public bool IsDetected => _mode != CaptureMode.Whole;

    /// <summary>True when a whole window is in <see cref="Stream"/>. Decodes as many packets as that needs.</summary>
    public bool TryFillWindow(SpeechScratch scratch, long nowMs)
    {
        while (!_closed && !_faulted)
        {
            int count = Math.Min(VoiceStream.Window - _filled, _decodedCount - _decodedAt);
            _decoded.AsSpan(_decodedAt, count).CopyTo(_stream.Samples.AsSpan(_filled));
            _decodedAt += count;
            _filled += count;
            if (_filled == VoiceStream.Window)
            {
                _filled = 0;
                return true;
            }

            if (!(_earlier is null ? TryDecode(scratch, nowMs) : TryHearEarlier(scratch, nowMs)))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Uses the detector's answer for the window.</summary>
    public void TakeWindow()
    {
        if (_paused || _refused)
        {
            return;
        }

        if (_mode == CaptureMode.Whole)
        {
            Append(_stream.Samples);
            _spokenAt = Stopwatch.GetTimestamp();
            EndIfTooLong();
            return;
        }

        EndpointEvent found = _endpoint.Next(_stream.Probability);
        _spokenAt = _stream.Probability >= _settings.Threshold ? Stopwatch.GetTimestamp() : _spokenAt;
        if (_utterance is null)
        {
            KeepPreRoll();
            if (found == EndpointEvent.Started)
            {
                AppendPreRoll();
            }
        }
        else
        {
            Append(_stream.Samples);
            _utterance?.Judge(_endpoint.IsVoice);
            if (found == EndpointEvent.Ended || _utterance is { IsEndRequested: true })
            {
                EndUtterance();
            }
            else
            {
                EndIfTooLong();
            }
        }

        _lastVoiceMs = _endpoint.IsVoice ? _lastPacketMs : _lastVoiceMs;
        if (_utterance is not null && !_spoken && _endpoint.IsUtterance)
        {
            _spoken = true;
            _handler.OnSpoken();
        }

        ReportPartialWords();
    }

    /// <summary>Called once per round, after the windows: ends by the clock or by the device.</summary>
    public void EndRound(long nowMs)
    {
        _roundPackets = 0;
        if (_faulted)
        {
            return;
        }

        if (_finished)
        {
            // Every packet was put before the mark was set; the rest of them is for the next round.
            if (!_packets.IsEmpty || _earlier is not null)
            {
                return;
            }

            _finished = false;
            if (_mode == CaptureMode.Whole && !_refused && !_paused)
            {
                // The last sound is shorter than a window.
                Append(_stream.Samples.AsSpan(0, _filled));
                _filled = 0;
            }

            EndUtterance();
        }
        else if (_mode != CaptureMode.Whole && _utterance is not null && IsSilentByTheClock(nowMs))
        {
            EndUtterance();
        }
    }

    private bool TryDecode(SpeechScratch scratch, long nowMs)
    {
        Span<byte> packet = scratch.Packet;
        if (_roundPackets == PacketsPerRound || !_packets.TryTake(packet, out int length))
        {
            return false;
        }

        _roundPackets++;
        _lastPacketMs = nowMs;
        packet = packet[..length];
        EnsureBuffers(scratch);
        _decoder ??= scratch.RentDecoder();
        _decodedAt = 0;
        _decodedCount = Math.Max(0, _decoder.Decode(packet, _decoded));
        if (_decodedCount == 0)
        {
            _metrics.BadPackets.Increment();
        }

        _stream.EncoderVoice = !OpusPacket.TryParse(packet, out OpusPacket parsed) ? null : parsed.IsSilence ? false : parsed.HasVoice(packet);
        return true;
    }

    private void EnsureBuffers(SpeechScratch scratch)
    {
        if (_decoded.Length == 0)
        {
            _decoded = scratch.RentSamples(OpusPacket.MaxDurationMs * SamplesPerMs);
            _preRoll = scratch.RentSamples(Math.Max(1, _settings.PreRollMs * SamplesPerMs / VoiceStream.Window) * VoiceStream.Window);
        }
    }

    private void Append(ReadOnlySpan<short> samples)
    {
        if (_utterance is null)
        {
            if (samples.IsEmpty)
            {
                return;
            }

            (_partial, _partials) = (null, 0);
            _utterance = new Utterance(_memory);
            _handler.OnStarted(_utterance);
        }

        if (!_utterance.TryAppend(samples))
        {
            _refused = true;
            Utterance given = _utterance;
            _utterance = null;
            _spoken = false;
            _handler.OnDiscarded(given);
            _handler.OnRefused();
        }
    }

    private void EndUtterance()
    {
        bool spoken = _mode == CaptureMode.Whole || _endpoint.IsUtterance;
        _endpoint.Reset();
        _spoken = false;
        if (_utterance is not { } utterance)
        {
            return;
        }

        _utterance = null;
        utterance.SpokenAt = _spokenAt;
        utterance.EndedAt = Stopwatch.GetTimestamp();
        utterance.Complete();
        if (!spoken)
        {
            _handler.OnDiscarded(utterance);
            return;
        }

        _paused = _mode != CaptureMode.Continuous;
        _handler.OnEnded(utterance);
    }

    private void EndIfTooLong()
    {
        if (_utterance?.Duration.TotalMilliseconds >= _settings.MaxMs)
        {
            EndUtterance();
        }
    }

    /// <summary>The device sends nothing during silence, or only a packet now and then, which is little sound in much time.</summary>
    private bool IsSilentByTheClock(long nowMs) =>
        nowMs - _lastPacketMs >= _settings.NoPacketMs || nowMs - _lastVoiceMs >= _settings.SilenceMs + _settings.NoPacketMs;

    private void KeepPreRoll()
    {
        _stream.Samples.CopyTo(_preRoll.AsSpan(_preRollAt));
        _preRollAt = (_preRollAt + VoiceStream.Window) % _preRoll.Length;
        _preRollCount = Math.Min(_preRoll.Length, _preRollCount + VoiceStream.Window);
    }

    private void AppendPreRoll()
    {
        int start = (_preRollAt - _preRollCount + _preRoll.Length) % _preRoll.Length;
        int first = Math.Min(_preRollCount, _preRoll.Length - start);
        Append(_preRoll.AsSpan(start, first));
        Append(_preRoll.AsSpan(0, _preRollCount - first));
        _preRollCount = 0;
    }
}
