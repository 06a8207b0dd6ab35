using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastGate.Speech.Hearing;

/// <summary>
/// The sound of one utterance: 16-bit mono at 16 kHz, in rented blocks. A speech worker appends, then completes it; one recogniser may read from
/// the start while it grows.
/// </summary>
internal sealed class Utterance(SpeechMemory memory)
{
    /// <summary>Two seconds.</summary>
    private const int BlockBytes = 2 * VoiceStream.SampleRate * sizeof(short);

    private readonly List<byte[]> _blocks = [];
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _grown;
    private volatile int _voiceWindows;
    private volatile int _endAt = -1;
    private volatile bool _silent;
    private volatile PartialWords? _partial;
    private int _bytes;
    private int _claimed;
    private bool _complete;
    private bool _released;

    /// <summary>Timestamps of its last voice and of the instant at which its end was found. Set before <see cref="Complete"/>.</summary>
    public long SpokenAt { get; set; }

    public long EndedAt { get; set; }

    public int Samples => Volatile.Read(ref _bytes) / sizeof(short);

    public TimeSpan Duration => TimeSpan.FromSeconds((double)Volatile.Read(ref _bytes) / (VoiceStream.SampleRate * sizeof(short)));

    /// <summary>Windows of voice so far; equal numbers mean that nothing was said in between.</summary>
    public int VoiceWindows => _voiceWindows;

    /// <summary>True while the device is silent, as far as the detector has heard.</summary>
    public bool IsSilent => _silent;

    /// <summary>A reader has seen the end of the words, unless more voice comes. Read by the speech worker.</summary>
    public bool IsEndRequested => _silent && _endAt == _voiceWindows;

    /// <summary>What a recogniser has heard so far; null when it has not said. Its reader writes, the speech worker reads.</summary>
    public PartialWords? Partial
    {
        get => _partial;
        set => _partial = value;
    }

    /// <summary>Called by the speech worker after each window.</summary>
    public void Judge(bool voice)
    {
        _silent = !voice;
        _voiceWindows += voice ? 1 : 0;
    }

    /// <summary>Ends the utterance at the next window, if that is silent and nothing was said since. Any thread.</summary>
    /// <param name="voiceWindows">What <see cref="VoiceWindows"/> was.</param>
    public void RequestEnd(int voiceWindows) => _endAt = voiceWindows;

    /// <summary>False at the bound of memory.</summary>
    public bool TryAppend(ReadOnlySpan<short> samples)
    {
        ReadOnlySpan<byte> rest = MemoryMarshal.AsBytes(samples);
        TaskCompletionSource? grown;
        lock (_lock)
        {
            while (!rest.IsEmpty && !_released)
            {
                int at = _bytes % BlockBytes;
                if (at == 0)
                {
                    if (memory.TryRent(BlockBytes) is not { } block)
                    {
                        return false;
                    }

                    _blocks.Add(block);
                }

                int count = Math.Min(rest.Length, BlockBytes - at);
                rest[..count].CopyTo(_blocks[^1].AsSpan(at));
                rest = rest[count..];
                _bytes += count;
            }

            grown = _grown;
            _grown = null;
        }

        grown?.TrySetResult();
        return true;
    }

    /// <summary>There will be no more sound.</summary>
    public void Complete()
    {
        TaskCompletionSource? grown;
        lock (_lock)
        {
            _complete = true;
            grown = _grown;
            _grown = null;
        }

        grown?.TrySetResult();
        _ended.TrySetResult();
    }

    /// <summary>Copies samples from this one on.</summary>
    /// <returns>Their number; 0 at the end of what there is.</returns>
    public int Read(int from, Span<short> samples)
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(samples);
        int at = from * sizeof(short);
        int copied = 0;
        lock (_lock)
        {
            while (copied < bytes.Length && at < _bytes)
            {
                int offset = at % BlockBytes;
                int count = Math.Min(Math.Min(bytes.Length - copied, _bytes - at), BlockBytes - offset);
                _blocks[at / BlockBytes].AsSpan(offset, count).CopyTo(bytes[copied..]);
                copied += count;
                at += count;
            }
        }

        return copied / sizeof(short);
    }

    /// <summary>All samples; none after the release.</summary>
    public short[] ToArray()
    {
        short[] samples = new short[Samples];
        int read = 0;
        for (int count; read < samples.Length && (count = Read(read, samples.AsSpan(read))) > 0; read += count)
        {
        }

        return read == samples.Length ? samples : [];
    }

    public async Task WaitForEndAsync(CancellationToken cancellationToken) => await _ended.Task.WaitAsync(cancellationToken);

    /// <summary>The sound as it grows, in pieces, until it is complete. Little-endian 16-bit samples.</summary>
    public async IAsyncEnumerable<byte[]> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int read = 0;
        while (true)
        {
            byte[] piece;
            Task grown;
            bool complete;
            lock (_lock)
            {
                piece = Copy(read);
                complete = _complete || _released;
                // The object is made only when a reader waits.
                grown = piece.Length == 0 && !complete ? (_grown ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
            }

            read += piece.Length;
            if (piece.Length > 0)
            {
                yield return piece;
            }
            else if (complete)
            {
                yield break;
            }
            else
            {
                await grown.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>
    /// True for the first caller, which then must release the utterance: a report that is never read must not keep the blocks. Any thread.
    /// </summary>
    public bool TryClaim() => Interlocked.Exchange(ref _claimed, 1) == 0;

    /// <summary>Returns the blocks; a reader finds nothing afterwards. Any thread, any number of times.</summary>
    public void Release()
    {
        lock (_lock)
        {
            foreach (byte[] block in _blocks)
            {
                memory.Return(block, BlockBytes);
            }

            _blocks.Clear();
            _bytes = 0;
            _released = true;
        }

        Complete();
    }

    /// <summary>What follows <paramref name="from"/> in its block.</summary>
    private byte[] Copy(int from)
    {
        if (from >= _bytes)
        {
            return [];
        }

        int at = from % BlockBytes;
        return _blocks[from / BlockBytes].AsSpan(at, Math.Min(_bytes - from, BlockBytes - at)).ToArray();
    }
}
