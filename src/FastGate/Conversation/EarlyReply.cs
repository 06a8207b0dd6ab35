using System.Diagnostics;

namespace FastGate.Conversation;

/// <summary>
/// The sink of a turn that began from partial words: keeps the reply until the whole words are known. Then it is handed to the real sink, or the
/// turn is dropped and leaves no trace. The worker writes, the connection's loop decides.
/// </summary>
internal sealed class EarlyReply : IReplySink
{
    /// <summary>Sentences that are kept. A longer reply is dropped, and the whole words begin a turn of their own.</summary>
    public const int MaxSentences = 64;

    /// <summary>The limits of the recogniser and of the utterance end the wait earlier.</summary>
    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<bool> _decision = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Set once by TryRelease, under the lock.
    private volatile IReplySink? _target;

    // All under the lock.
    private readonly List<string> _sentences = [];
    private (string Emoji, string Emotion)? _emotion;
    private TurnOutcome? _outcome;
    private Activity? _span;

    /// <summary>The real sink; null before the words are known.</summary>
    public IReplySink? Target => _target;

    /// <summary>True when the whole words are not those that the turn began from, or will never be known.</summary>
    public bool IsDropped => _decision.Task is { IsCompletedSuccessfully: true, Result: false };

    /// <summary>The words are those that the turn began from: hands over what there is of the reply. False when the turn was dropped.</summary>
    public bool TryRelease(IReplySink target)
    {
        lock (_lock)
        {
            if (_decision.Task.IsCompleted)
            {
                return false;
            }

            HandOver(target);
            _target = target;
            _decision.SetResult(true);
            return true;
        }
    }

    /// <summary>Nothing of the reply is heard. Without effect after <see cref="TryRelease"/>. Any thread.</summary>
    public void Drop()
    {
        lock (_lock)
        {
            if (_decision.TrySetResult(false))
            {
                _sentences.Clear();
            }
        }
    }

    /// <summary>Waits until it is known whether the early turn is kept. Before that it must not have any effect outside.</summary>
    public async Task<bool> IsReleasedAsync(TimeProvider time)
    {
        try
        {
            return await _decision.Task.WaitAsync(s_longestWait, time);
        }
        catch (TimeoutException)
        {
            Drop();
            return await _decision.Task;
        }
    }

    public void Emotion(string emoji, string emotion)
    {
        lock (_lock)
        {
            if (_target is null)
            {
                _emotion = (emoji, emotion);
                return;
            }
        }

        _target.Emotion(emoji, emotion);
    }

    public void Sentence(string text)
    {
        lock (_lock)
        {
            if (_target is null)
            {
                Keep(text);
                return;
            }
        }

        _target.Sentence(text);
    }

    /// <summary>Only a tool ends the session, and tools run after the release.</summary>
    public void EndSession() => _target?.EndSession();

    public void Complete(TurnOutcome outcome)
    {
        lock (_lock)
        {
            if (_target is null)
            {
                _outcome = outcome;
                return;
            }
        }

        _target.Complete(outcome);
    }

    private void Keep(string text)
    {
        _span ??= Activity.Current;
        if (_sentences.Count == MaxSentences)
        {
            _decision.TrySetResult(false);
            _sentences.Clear();
        }
        else if (!IsDropped)
        {
            _sentences.Add(text);
        }
    }

    /// <summary>The stages of speaking belong to the turn's span, which the loop does not have.</summary>
    private void HandOver(IReplySink target)
    {
        Activity? before = Activity.Current;
        Activity.Current = _span ?? before;
        if (_emotion is var (emoji, emotion))
        {
            target.Emotion(emoji, emotion);
        }

        _sentences.ForEach(target.Sentence);
        _sentences.Clear();
        if (_outcome is { } outcome)
        {
            target.Complete(outcome);
        }

        Activity.Current = before;
    }
}
