using FastGate.HandOver;

namespace FastGate.Speech.Playing;

/// <content>
/// What is left to play passes to another process. The pacer's fields have one user at a time: the pacer while it sends, which is short, or for good
/// the thread that takes them out. Both enter by a compare-and-swap, and the pacer leaves by a store with release.
/// </content>
internal sealed partial class Playback
{
    private const int NoUser = 0;
    private const int Sending = 1;
    private const int TakenOut = 2;

    private int _user;

    /// <summary>Ends the playback here: no further frame is sent. Any thread, once.</summary>
    /// <param name="nowMs">The pacer's clock.</param>
    /// <param name="unixMs">The same instant as Unix time.</param>
    /// <returns>What is left; null when it is not complete, or has ended.</returns>
    public PlaybackState? TakeOut(long nowMs, long unixMs)
    {
        var wait = default(SpinWait);
        while (Interlocked.CompareExchange(ref _user, TakenOut, NoUser) == Sending)
        {
            wait.SpinOnce();
        }

        if (!_complete || _cancelled || _ended)
        {
            return null;
        }

        List<PlaybackItemState> items = [];
        if (_sentence is not null)
        {
            items.Add(new PlaybackItemState(_sentence, default));
        }

        items.AddRange(_items.Where(static item => !item.IsSentenceEnd).Select(static item => new PlaybackItemState(item.Text, item.Packet)));
        return new PlaybackState
        {
            FramesSent = (uint)_sent,
            StartedAtUnixMs = _sent == 0 ? 0 : unixMs - (nowMs - _startedMs),
            Items = items,
        };
    }

    /// <summary>Continues what another process has played so far, and completes it. Before anything is added.</summary>
    /// <param name="state">What is left.</param>
    /// <param name="nowMs">The pacer's clock.</param>
    /// <param name="unixMs">The same instant as Unix time.</param>
    public void Continue(PlaybackState state, long nowMs, long unixMs)
    {
        _sent = state.FramesSent;

        // At the earliest the device has played everything; at the latest the next frame is due in a frame's time.
        _startedMs = Math.Clamp(nowMs - (unixMs - state.StartedAtUnixMs), nowMs - (_sent * frameMs), nowMs - ((_sent - Ahead - 1) * frameMs));
        foreach (PlaybackItemState item in state.Items)
        {
            if (item.Sentence is null)
            {
                AddFrame(item.Packet.ToArray());
            }
            else
            {
                Add(new PlaybackItem(null, item.Sentence));
            }
        }

        Complete();
    }
}
