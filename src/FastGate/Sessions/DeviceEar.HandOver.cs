using System.Runtime.InteropServices;
using FastGate.HandOver;
using FastGate.Protocol.Messages;
using FastGate.Speech.Hearing;

namespace FastGate.Sessions;

/// <content>What was heard passes to another process, which hears it again.</content>
internal sealed partial class DeviceEar
{
    // Owned by the loop: the report that the next owner answers.
    private Hearing? _deferred;

    // Owned by the loop: the sound of the ended utterance at the freeze; empty when its words are in the queue.
    private short[]? _frozen;

    // Written by the recognition before it releases the sound: who finds no sound finds the words.
    private volatile string? _lateWords;

    /// <summary>This report begins a turn, which is the next owner's. Loop only.</summary>
    public void Defer(Hearing hearing) => _deferred = hearing;

    /// <summary>Takes the sound whose words are not in the queue of the connection yet; that queue is read afterwards. Loop only.</summary>
    public void Freeze() => _frozen = Ended()?.Sound.ToArray();

    /// <summary>The state, when the speech worker has saved what it has heard. Nothing is recognised afterwards. Loop only, after <see cref="Freeze"/>.</summary>
    public async Task<EarState> SaveAsync()
    {
        string? words = _deferred is { Kind: HearingKind.Words } deferred ? deferred.Text : null;
        short[] ended = _deferred is { Kind: HearingKind.Sound, Utterance: { } sound } ? sound.ToArray() : [];
        _deferred?.Drop();
        if (ended.Length == 0 && (_deferred is null || _deferred.Forgotten != Ended()?.Recognition.Token))
        {
            ended = _frozen ?? [];
        }

        bool hadEnded = Ended() is not null;
        CapturedSound heard = _capture is { } capture ? await capture.SaveAsync() : new CapturedSound([], HasEnded: false);
        if (!hadEnded && Ended() is { } late)
        {
            // It ended while the connection left.
            ended = late.Sound.ToArray();
            words ??= ended.Length == 0 ? _lateWords : null;
        }

        Dispose();
        return ended.Length > 0
            ? new EarState((byte)Mode, Bytes(ended), HasEnded: true) { Words = words, NextSound = Bytes(heard.Samples) }
            : new EarState((byte)Mode, Bytes(heard.Samples), heard.HasEnded) { Words = words };
    }

    private static ReadOnlyMemory<byte> Bytes(short[] samples) => MemoryMarshal.AsBytes(samples.AsSpan()).ToArray();

    private static short[] Samples(ReadOnlyMemory<byte> bytes) => MemoryMarshal.Cast<byte, short>(bytes.Span).ToArray();

    private EndedUtterance? Ended() => Volatile.Read(ref _ended) is { Recognition.IsCancellationRequested: false } ended ? ended : null;

    /// <summary>Before the speech worker has the capture.</summary>
    private Capture? ListenOn(EarState earlier)
    {
        if (earlier.HasEnded && _speech.UtteranceOf(Samples(earlier.Sound)) is { } utterance)
        {
            OnStarted(utterance);
            utterance.Complete();
            OnEnded(utterance);
        }

        if (earlier.Words is { } words)
        {
            Post(new Hearing(this, HearingKind.Words) { Text = words });
        }

        bool isPaused = Mode != ListenMode.Realtime && (earlier.HasEnded || earlier.Words is not null);
        return Listen(Samples(earlier.HasEnded ? earlier.NextSound : earlier.Sound), isPaused);
    }

    /// <summary>An utterance that has ended and waits for its words.</summary>
    private sealed record EndedUtterance(Utterance Sound, CancellationTokenSource Recognition);
}
