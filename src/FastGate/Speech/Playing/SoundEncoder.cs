using System.Threading.Tasks.Sources;
using FastGate.Speech.Synthesis;

namespace FastGate.Speech.Playing;

/// <summary>
/// Encodes sound of any sample rate into a playback; a rate that Opus does not know is converted to 24 kHz. For one stretch of sound of one device.
/// One writer gives it pieces, one after the other; an encode thread works on the piece meanwhile.
/// </summary>
internal sealed class SoundEncoder(FrameEncoders encoders, EncodeThreads threads, Playback playback) : IValueTaskSource, IDisposable
{
    private const int ConvertedRate = 24_000;

    /// <summary>Frames after which another device has its turn: as many as are sent at once.</summary>
    private const int FramesPerStep = Playback.Ahead;

    private ManualResetValueTaskSourceCore<bool> _done = new() { RunContinuationsAsynchronously = true };
    private FrameEncoder? _encoder;
    private SoundResampler? _resampler;
    private int _sourceRate;
    private ReadOnlyMemory<short> _rest;
    private bool _flushes;

    /// <summary>Encodes a piece. Waits while the playback has enough frames. A cancelled playback takes no frames, and the wait ends.</summary>
    public async ValueTask EncodeAsync(SoundPiece piece, CancellationToken cancellationToken)
    {
        if (_encoder is null || _sourceRate != piece.SampleRate)
        {
            await FlushAsync(cancellationToken);
            Open(piece.SampleRate);
        }

        // Two seconds at a time, so that a long piece waits for room too.
        int most = 2 * piece.SampleRate;
        for (int at = 0; at < piece.Samples.Length; at += most)
        {
            await playback.WaitForRoomAsync(cancellationToken);
            _rest = piece.Samples.Slice(at, Math.Min(most, piece.Samples.Length - at));
            await threads.RunAsync(this, cancellationToken);
        }
    }

    /// <summary>Encodes the rest.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_encoder is not null)
        {
            _flushes = true;
            await threads.RunAsync(this, cancellationToken);
        }
    }

    /// <summary>Returns the encoder. Only when no piece is being encoded.</summary>
    public void Dispose()
    {
        if (_encoder is { } encoder)
        {
            _encoder = null;
            encoders.Return(encoder);
        }
    }

    /// <summary>A piece begins; the task ends with <see cref="End"/>.</summary>
    internal ValueTask Begin()
    {
        _done.Reset();
        return new ValueTask(this, _done.Version);
    }

    /// <summary>Encodes a few frames. True when the piece is done. An encode thread only.</summary>
    internal bool Step()
    {
        if (playback.IsCancelled)
        {
            _rest = default;
            return true;
        }

        int step = _encoder!.FrameSamples * FramesPerStep;
        step = Math.Min(_rest.Length, (int)((long)step * _sourceRate / _encoder.SampleRate));
        ReadOnlySpan<short> samples = _rest.Span[..step];
        _encoder.Encode(_resampler is null ? samples : _resampler.Convert(samples), playback);
        _rest = _rest[step..];
        if (_rest.IsEmpty && _flushes)
        {
            _flushes = false;
            _encoder.Flush(playback);
        }

        return _rest.IsEmpty;
    }

    /// <summary>The piece is encoded, or has failed. An encode thread only, once a piece.</summary>
    internal void End(Exception? failure)
    {
        if (failure is null)
        {
            _done.SetResult(true);
        }
        else
        {
            _done.SetException(failure);
        }
    }

    private void Open(int sampleRate)
    {
        Dispose();
        _sourceRate = sampleRate;
        bool known = sampleRate is 8_000 or 12_000 or 16_000 or 24_000 or 48_000;
        _encoder = encoders.Rent(known ? sampleRate : ConvertedRate);
        _resampler = known ? null : new SoundResampler(sampleRate, ConvertedRate);
    }

    void IValueTaskSource.GetResult(short token) => _done.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _done.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _done.OnCompleted(continuation, state, token, flags);
}
