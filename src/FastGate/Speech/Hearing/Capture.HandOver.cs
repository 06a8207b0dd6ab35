using System.Buffers;

namespace FastGate.Speech.Hearing;

/// <content>What was heard so far passes to another process, whose capture hears it again before its first packet.</content>
internal sealed partial class Capture
{
    /// <summary>The worker has ended: there is no sound to wait for.</summary>
    private static readonly TaskCompletionSource<CapturedSound> s_released = CreateReleased();

    // Set by the loop, taken by the worker at its end; by exchange.
    private TaskCompletionSource<CapturedSound>? _saved;

    // Owned by the worker; null when all of it was heard.
    private short[]? _earlier;
    private int _earlierAt;

    /// <summary>Ends the capture and saves what it has heard of an utterance that has not ended. The loop only; the worker does it in its next round.</summary>
    public Task<CapturedSound> SaveAsync()
    {
        var saved = new TaskCompletionSource<CapturedSound>(TaskCreationOptions.RunContinuationsAsynchronously);
        saved = Interlocked.CompareExchange(ref _saved, saved, null) ?? saved;
        Close();
        return saved.Task;
    }

    /// <summary>Before the worker has the capture.</summary>
    public void Continue(short[]? earlier, bool isPaused)
    {
        _earlier = earlier is { Length: > 0 } ? earlier : null;
        _paused = isPaused;
    }

    private static TaskCompletionSource<CapturedSound> CreateReleased()
    {
        var released = new TaskCompletionSource<CapturedSound>();
        released.SetResult(new CapturedSound([], HasEnded: false));
        return released;
    }

    /// <summary>Like <see cref="TryDecode"/>, for the sound of the earlier owner; as much in a round.</summary>
    private bool TryHearEarlier(SpeechScratch scratch, long nowMs)
    {
        if (_roundPackets == PacketsPerRound)
        {
            return false;
        }

        _roundPackets++;
        _lastPacketMs = nowMs;
        EnsureBuffers(scratch);
        _decodedAt = 0;
        _decodedCount = Math.Min(_decoded.Length, _earlier!.Length - _earlierAt);
        _earlier.AsSpan(_earlierAt, _decodedCount).CopyTo(_decoded);
        _earlierAt += _decodedCount;
        _earlier = _earlierAt < _earlier.Length ? _earlier : null;
        _stream.EncoderVoice = null;
        return true;
    }

    /// <summary>Answers <see cref="SaveAsync"/>. The worker, after <see cref="Close"/>.</summary>
    public void SaveSound(SpeechScratch scratch)
    {
        if (Interlocked.Exchange(ref _saved, s_released) is not { } saved)
        {
            return;
        }

        var sound = new CapturedSound([], HasEnded: false);
        try
        {
            sound = _paused || _refused || _faulted ? sound : Unheard(scratch);
        }
        finally
        {
            // A connection that leaves waits for it.
            saved.SetResult(sound);
        }
    }

    /// <summary>What was heard of the utterance, and what was not decoded yet.</summary>
    private CapturedSound Unheard(SpeechScratch scratch)
    {
        var sound = new ArrayBufferWriter<short>(VoiceStream.SampleRate);
        if (_utterance is not null)
        {
            sound.Write(_utterance.ToArray());
        }
        else
        {
            int start = (_preRollAt - _preRollCount + _preRoll.Length) % Math.Max(1, _preRoll.Length);
            int first = Math.Min(_preRollCount, _preRoll.Length - start);
            sound.Write(_preRoll.AsSpan(start, first));
            sound.Write(_preRoll.AsSpan(0, _preRollCount - first));
        }

        sound.Write(_stream.Samples.AsSpan(0, _filled));
        do
        {
            sound.Write(_decoded.AsSpan(_decodedAt, _decodedCount - _decodedAt));
            (_decodedAt, _decodedCount, _roundPackets) = (0, 0, 0);
        }
        while (_earlier is null ? TryDecode(scratch, nowMs: 0) : TryHearEarlier(scratch, nowMs: 0));
        bool hasBegun = _utterance is not null || (_mode == CaptureMode.Whole && sound.WrittenCount > 0);
        return new CapturedSound(sound.WrittenSpan.ToArray(), HasEnded: _finished && hasBegun);
    }
}
