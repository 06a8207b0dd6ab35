using System.Collections.Concurrent;
using System.Diagnostics;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Llm.Calls;
using FastGate.Llm.Settings;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace FastGate.Conversation.Workers;

/// <summary>
/// Runs turns. A bounded number waits, a bounded number is in progress; of one dialogue never more than one, in order. Submitting
/// and cancelling are a few interlocked steps and may be called from a connection's loop.
/// </summary>
internal sealed class ConversationWorkers : IAsyncDisposable
{
    /// <summary>Turns wait for providers, not for processors; two threads let one parse while the other closes a socket.</summary>
    public const int DefaultThreads = 2;

    private static readonly TimeSpan s_lastWait = TimeSpan.FromSeconds(1);

    private readonly LlmCalls _calls;
    private readonly ConversationMetrics _metrics;
    private readonly ILogger<ConversationWorkers> _logger;
    private readonly TimeProvider _time;
    private readonly ConversationThreads _threads;
    private readonly int _maxWaiting;
    private readonly int _concurrency;
    private readonly ConcurrentQueue<Dialogue> _ready = new();
    private readonly ConcurrentDictionary<Turn, bool> _running = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SendOrPostCallback _runDialogue;
    private int _waiting;
    private int _inFlight;
    private long _rejected;
    private long _loggedFullAt;
    private volatile bool _draining;
    private volatile bool _cutOff;
    private int _disposed;

    public ConversationWorkers(
        LlmCalls calls, ConversationWorkerOptions options, ConversationMetrics metrics, ILogger<ConversationWorkers> logger,
        TimeProvider time, int threads = DefaultThreads)
    {
        _calls = calls;
        _metrics = metrics;
        _logger = logger;
        _time = time;
        _maxWaiting = options.Queue;
        _concurrency = options.Concurrency;
        _threads = new ConversationThreads(threads, logger);
        _runDialogue = state => _ = RunAsync((Dialogue)state!);
        metrics.Observe(() => Volatile.Read(ref _waiting), () => Volatile.Read(ref _inFlight));
    }

    public ConversationStatus Status
    {
        get
        {
            int inFlight = Volatile.Read(ref _inFlight);
            return new ConversationStatus(
                _threads.Count, Volatile.Read(ref _waiting), _maxWaiting, inFlight, _concurrency,
                Math.Min(1, (double)inFlight / _concurrency), _threads.Ready, Interlocked.Read(ref _rejected), _draining);
        }
    }

    /// <summary>Puts a turn behind those of its dialogue. False when no more may wait: the caller says so to the device, no sink is called.</summary>
    public bool TrySubmit(Dialogue dialogue, Turn turn)
    {
        // Counted before the look at the drain, which looks at the count after it has begun: one of the two sees the other.
        int waiting = Interlocked.Increment(ref _waiting);
        if (waiting > _maxWaiting || dialogue.Mailbox.Count >= dialogue.MaxWaiting || _draining || !turn.TryMove(TurnPhase.New, TurnPhase.Waiting))
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Increment(ref _rejected);
            _metrics.Rejected();
            LogFull(waiting - 1);
            SignalIdle();
            return false;
        }

        turn.SubmittedAt = _time.GetTimestamp();
        turn.Erasures = dialogue.Erasures;
        if (dialogue.Mailbox.Put(turn))
        {
            _ready.Enqueue(dialogue);
            Dispatch();
        }

        return true;
    }

    /// <summary>
    /// The device has gone. Memory is told behind the dialogue's last turn: told before it, the turn would begin the device's time anew.
    /// Never refused, not even by a drain.
    /// </summary>
    public void Leave(Dialogue dialogue)
    {
        if (dialogue.Mailbox.Put(Turn.Departure()))
        {
            _ready.Enqueue(dialogue);
            Dispatch();
        }
    }

    /// <summary>
    /// Interrupts a turn, waiting or in progress. Runs nothing of the call's on the caller's thread; the connection to the provider is closed
    /// by a worker, ahead of all other work. The sink still gets its one <see cref="IReplySink.Complete"/>.
    /// </summary>
    public void Cancel(Turn turn)
    {
        turn.Cancellation.Request();
        if (turn.TryMove(TurnPhase.Waiting, TurnPhase.Dropped))
        {
            Interlocked.Decrement(ref _waiting);
        }
        else if (turn.Phase == TurnPhase.Running)
        {
            _threads.PostUrgent(static state => ((LlmCancellation)state!).Fire(), turn.Cancellation);
        }
    }

    /// <summary>One question and its answer on these threads, for what the gateway itself wants to know (<see cref="LlmCalls.CompleteAsync"/>).</summary>
    public Task<string?> CompleteAsync(string purpose, string systemPrompt, string userText, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _threads.Post(async _ =>
        {
            try
            {
                answer.TrySetResult(await _calls.CompleteAsync(purpose, systemPrompt, userText, cancellationToken));
            }
            catch (Exception exception)
            {
                answer.TrySetException(exception);
            }
        }, null);
        return answer.Task;
    }

    /// <summary>Takes no more turns, lets those it has finish, and cuts off what is left at the deadline.</summary>
    public async Task DrainAsync(CancellationToken deadline)
    {
        _draining = true;
        SignalIdle();
        try
        {
            await _idle.Task.WaitAsync(deadline);
        }
        catch (OperationCanceledException)
        {
            _cutOff = true;
            ICollection<Turn> running = _running.Keys;
            foreach (Turn turn in running)
            {
                Cancel(turn);
            }

            _logger.Drained(running.Count);
            // Closing sockets takes moments; a client that ignores its interruption must not hold up the stop.
            await Task.WhenAny(_idle.Task, Task.Delay(s_lastWait, CancellationToken.None));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await DrainAsync(new CancellationToken(canceled: true));
            _threads.Dispose();
        }
    }

    /// <summary>Starts as many dialogues as may be in progress. Whoever frees a place or adds a dialogue calls it afterwards, so none is overlooked.</summary>
    private void Dispatch()
    {
        while (!_ready.IsEmpty)
        {
            if (Interlocked.Increment(ref _inFlight) > _concurrency)
            {
                // The last to leave finds the queue not empty and comes back here.
                if (Interlocked.Decrement(ref _inFlight) >= _concurrency)
                {
                    return;
                }
            }
            else if (_ready.TryDequeue(out Dialogue? dialogue))
            {
                _threads.Post(_runDialogue, dialogue);
            }
            else
            {
                Interlocked.Decrement(ref _inFlight);
            }
        }

        // A place that was taken for a moment and found nothing to do may have hidden from a drain that all is idle.
        SignalIdle();
    }

    private async Task RunAsync(Dialogue dialogue)
    {
        try
        {
            switch (dialogue.Mailbox.Take())
            {
                case null:
                    break;
                case { Kind: TurnKind.Departure }:
                    dialogue.Leave();
                    break;
                case { } turn:
                    await RunTurnAsync(dialogue, turn);
                    break;
            }
        }
        catch (Exception exception)
        {
            _logger.TurnFaulted(exception);
        }
        finally
        {
            // One turn at a time, then back to the end of the line: a talkative dialogue does not starve the others.
            if (!dialogue.Mailbox.TryRelease())
            {
                _ready.Enqueue(dialogue);
            }

            Interlocked.Decrement(ref _inFlight);
            Dispatch();
        }
    }

    private async Task RunTurnAsync(Dialogue dialogue, Turn turn)
    {
        TurnOutcome outcome = TurnOutcome.Cancelled;
        using Activity? span = GatewayTracing.StartTurn(turn.Purpose);
        _running[turn] = true;
        try
        {
            if (turn.TryMove(TurnPhase.Waiting, TurnPhase.Running))
            {
                Interlocked.Decrement(ref _waiting);
                _metrics.Waited(_time.GetElapsedTime(turn.SubmittedAt));
                outcome = await AnswerAsync(dialogue, turn);
            }
            else
            {
                dialogue.Remember(turn, string.Empty, whole: false);
            }
        }
        catch (Exception exception)
        {
            _logger.TurnFaulted(exception);
            outcome = TurnOutcome.Failed;
        }
        finally
        {
            _running.TryRemove(turn, out _);
            turn.TryMove(TurnPhase.Running, TurnPhase.Done);
            _metrics.TurnEnded(outcome, LlmConfiguration.NormalizePurpose(turn.Purpose));
            GatewayTracing.SetOutcome(span, outcome);
            turn.Sink.Complete(outcome);
        }
    }

    private async Task<TurnOutcome> AnswerAsync(Dialogue dialogue, Turn turn)
    {
        var reply = new ReplyBuilder(turn);
        TurnOutcome outcome = await StreamAsync(dialogue, turn, reply);

        // Before Complete: whoever hears that the turn is over may rely on its being remembered. Words that were said count even where
        // nothing of the answer was heard: who says his name and goes on at once has said his name.
        if (outcome == TurnOutcome.Completed)
        {
            dialogue.Remember(turn, reply.Whole, whole: true);
        }
        else if (outcome == TurnOutcome.Cancelled || reply.Heard.Length > 0)
        {
            dialogue.Remember(turn, reply.Heard, whole: false);
        }
        else
        {
            reply.Say(dialogue.Texts.SystemErrorResponse);
        }

        return outcome;
    }

    private async Task<TurnOutcome> StreamAsync(Dialogue dialogue, Turn turn, ReplyBuilder reply)
    {
        if (_cutOff || turn.IsCancelled)
        {
            return TurnOutcome.Cancelled;
        }

        IReadOnlyList<ChatMessage> messages = await dialogue.ComposeAsync(turn);
        if (turn.IsCancelled)
        {
            return TurnOutcome.Cancelled;
        }

        LlmCallResult result = await _calls.StreamAsync(turn.Purpose, messages, reply, turn.Cancellation);
        return turn.IsCancelled ? TurnOutcome.Cancelled : result.Succeeded ? TurnOutcome.Completed : TurnOutcome.Failed;
    }

    /// <summary>Once a second at most: a flood of turns must not become a flood of lines.</summary>
    private void LogFull(int waiting)
    {
        long now = _time.GetTimestamp();
        long last = Interlocked.Read(ref _loggedFullAt);
        if (!_draining && (last == 0 || _time.GetElapsedTime(last, now) >= TimeSpan.FromSeconds(1))
            && Interlocked.CompareExchange(ref _loggedFullAt, now, last) == last)
        {
            _logger.QueueFull(waiting);
        }
    }

    private void SignalIdle()
    {
        if (_draining && Volatile.Read(ref _waiting) == 0 && Volatile.Read(ref _inFlight) == 0 && _ready.IsEmpty)
        {
            _idle.TrySetResult();
        }
    }
}
