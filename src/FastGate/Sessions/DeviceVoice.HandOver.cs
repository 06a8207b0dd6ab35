using System.Diagnostics;
using FastGate.Conversation;
using FastGate.HandOver;
using FastGate.Speech.Playing;

namespace FastGate.Sessions;

/// <content>A reply that is complete travels with what is left to play.</content>
internal sealed partial class DeviceVoice
{
    /// <summary>Everything that is to be played is there.</summary>
    public bool IsComplete => _playback.IsComplete;

    /// <summary>What <see cref="Freeze"/> has taken out. Loop only.</summary>
    public PlaybackState? Frozen { get; private set; }

    /// <summary>Sends nothing more. What was sent before is in the queue of the connection. Loop only.</summary>
    public void Freeze()
    {
        PlaybackState? state = _playback.TakeOut(Pacer.NowMs(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Frozen = state is null ? null : state with { Outcome = (byte)_outcome };
    }

    /// <summary>Plays what another process has left. Instead of <see cref="Start"/>.</summary>
    public DeviceVoice Continue(PlaybackState state)
    {
        _outcome = (TurnOutcome)state.Outcome;
        _sentences.Writer.TryComplete();
        _frames = state.FramesSent;
        _firstFrameAt = Stopwatch.GetTimestamp();
        _playback.Continue(state, Pacer.NowMs(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        return this;
    }
}
