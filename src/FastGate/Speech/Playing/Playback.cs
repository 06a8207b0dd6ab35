using System.Collections.Concurrent;
using System.Threading.Channels;
using FastGate.Diagnostics;
using FastGate.Transport.Concurrency;

namespace FastGate.Speech.Playing;

/// <summary>
/// The sound of one turn on its way to a device: five frames at once, because the network is uneven, then one each frame time, because devices
/// keep few. One thread adds, the pacer sends, any thread cancels.
/// </summary>
/// <remarks>
/// The pacer owns everything below "Owned by the pacer". <see cref="Signal"/> puts the playback into the pacer's intake unless it is there already;
/// the pacer clears the mark before it looks at the items, so that an item that is added afterwards signals again.
/// </remarks>
internal sealed partial class Playback(IPlaybackOutput output, Pacer pacer, int frameMs, SpeechMetrics metrics) : IStackNode<Playback>
{
    /// <summary>Frames that a device holds ahead of the one that it plays.</summary>
    public const int Ahead = 5;

    /// <summary>Frame times between the end of the last frame and the end of playback: the device's own buffers.</summary>
    private const int Tail = 2;

    /// <summary>Sentences that are sent or being synthesised.</summary>
    private const int Sentences = 3;

    /// <summary>A frame that is sent that much after it was due is counted: the device's buffer has become shorter.</summary>
    internal const int LateMs = 20;

    /// <summary>Frames that wait to be due, 15 seconds of 60 ms frames. At the bound the encoder waits.</summary>
    internal const int MaxWaiting = 250;

    private readonly ConcurrentQueue<PlaybackItem> _items = new();
    private readonly Channel<bool> _sentences = Channel.CreateBounded<bool>(Sentences);
    private TaskCompletionSource? _room;
    private int _signalled;
    private int _waiting;
    private volatile bool _complete;
    private volatile bool _cancelled;

    // Owned by the pacer.
    private long _startedMs;
    private long _sent;
    private bool _ended;
    private string? _sentence;

    /// <summary>Link of the pacer's intake.</summary>
    public Playback? Next { get; set; }

    public bool IsCancelled => _cancelled;

    /// <summary>Everything has been added. Any thread.</summary>
    public bool IsComplete => _complete;

    /// <summary>Where the frames are kept as well, or null. Owned by the thread that adds.</summary>
    public List<byte[]>? Kept { get; set; }

    /// <summary>Waits until at most two sentences are ahead of the one that is sent, then begins a sentence.</summary>
    public async Task BeginSentenceAsync(string text, CancellationToken cancellationToken)
    {
        await _sentences.Writer.WriteAsync(true, cancellationToken);
        Add(new PlaybackItem(null, text));
    }

    /// <summary>Waits while <see cref="MaxWaiting"/> frames or more wait. The writer only.</summary>
    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        if (HasRoom)
        {
            return default;
        }

        var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _room, room);

        // The pacer may have made room before it could see the wait.
        if (HasRoom)
        {
            room.TrySetResult();
        }

        return new ValueTask(room.Task.WaitAsync(cancellationToken));
    }

    public void AddFrame(byte[] packet)
    {
        Interlocked.Increment(ref _waiting);
        Kept?.Add(packet);
        Add(new PlaybackItem(packet, null));
    }

    public void EndSentence() => Add(default);

    /// <summary>Everything has been added: the playback ends when it has been played.</summary>
    public void Complete()
    {
        _complete = true;
        Signal();
    }

    /// <summary>Sends nothing more. Any thread.</summary>
    public void Cancel()
    {
        _cancelled = true;
        Signal();
    }

    /// <summary>The pacer has taken the playback from its intake.</summary>
    internal void Taken() => Interlocked.Exchange(ref _signalled, 0);

    /// <summary>Sends what is due. The pacer only.</summary>
    /// <returns>When the next frame is due, or <see cref="Pacer.Never"/> when there is none.</returns>
    internal long Send(long nowMs)
    {
        if (Interlocked.CompareExchange(ref _user, Sending, NoUser) != NoUser)
        {
            return Pacer.Never;
        }

        try
        {
            return SendDue(nowMs);
        }
        finally
        {
            Volatile.Write(ref _user, NoUser);
        }
    }

    private long SendDue(long nowMs)
    {
        if (_cancelled || _ended)
        {
            _items.Clear();
            GiveRoom();
            return Pacer.Never;
        }

        // Read before the queue: what was added before the completion must be seen.
        bool complete = _complete;
        while (_items.TryPeek(out PlaybackItem item))
        {
            if (item.Packet is null)
            {
                _items.TryDequeue(out _);
                Mark(item);
                continue;
            }

            long due = DueMs(nowMs);
            if (due > nowMs)
            {
                return due;
            }

            _items.TryDequeue(out _);
            Interlocked.Decrement(ref _waiting);
            GiveRoom();
            if (_sent > Ahead && nowMs - due > LateMs)
            {
                metrics.FramesLate.Increment();
            }

            _sent++;
            ShowSentence();
            (output.Frame(item.Packet) ? metrics.FramesSent : metrics.FramesDropped).Increment();
        }

        if (!complete)
        {
            return Pacer.Never;
        }

        ShowSentence();
        long end = _sent == 0 ? nowMs : _startedMs + ((_sent + Tail) * frameMs);
        if (end > nowMs)
        {
            return end;
        }

        _ended = true;
        output.Played();
        return Pacer.Never;
    }

    private bool HasRoom => _cancelled || Volatile.Read(ref _waiting) < MaxWaiting;

    private void GiveRoom()
    {
        if (Volatile.Read(ref _room) is not null && HasRoom)
        {
            Interlocked.Exchange(ref _room, null)?.TrySetResult();
        }
    }

    private void Mark(PlaybackItem item)
    {
        // A sentence without sound is shown too.
        ShowSentence();
        if (item.IsSentenceEnd)
        {
            _sentences.Reader.TryRead(out _);
        }
        else
        {
            _sentence = item.Text;
        }
    }

    /// <summary>The device shows a sentence when it plays its first frame.</summary>
    private void ShowSentence()
    {
        if (_sentence is { } text)
        {
            _sentence = null;
            output.Sentence(text);
        }
    }

    /// <summary>When the next frame is due. After a pause in which the device has played everything, its buffer is filled again.</summary>
    private long DueMs(long nowMs)
    {
        if (_sent == 0)
        {
            _startedMs = nowMs;
        }
        else if (nowMs > _startedMs + (_sent * frameMs))
        {
            _startedMs = nowMs - (_sent * frameMs);
            metrics.Underruns.Increment();
        }

        return _startedMs + ((_sent - Ahead) * frameMs);
    }

    private void Add(PlaybackItem item)
    {
        _items.Enqueue(item);
        Signal();
    }

    private void Signal()
    {
        if (Interlocked.Exchange(ref _signalled, 1) == 0)
        {
            pacer.Signal(this);
        }
    }
}
