using System.Collections.Concurrent;
using System.Diagnostics;
using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Llm.Calls;
using FastGate.Llm.Settings;
using Microsoft.Extensions.Logging;

namespace FastGate.Conversation.Workers;

/// <summary>
/// Runs turns: a bounded number waits, a bounded number runs, and each dialogue runs one at a time, in order. Submitting and cancelling never
/// block and may be called from a connection's loop.
/// </summary>
/// <remarks>
/// A turn passes three stages. The <see cref="DialogueMailbox"/> keeps a device's turns in order. The slots bound the turns in progress over
/// all devices; dialogues get them in arrival order. The <see cref="ConversationThreads"/> run all of the code, cancellations first.
/// </remarks>
internal sealed partial class ConversationWorkers : IAsyncDisposable
{
    /// <summary>Turns wait for providers, not for processors. With two threads one can parse while the other closes a socket.</summary>
    public const int DefaultThreads = 2;

    private static readonly TimeSpan s_cutOffWait = TimeSpan.FromSeconds(1);

    private readonly LlmCalls _calls;
    private readonly ConversationMetrics _metrics;
    private readonly ILogger<ConversationWorkers> _logger;
    private readonly TimeProvider _time;
    private readonly ConversationThreads _threads;
    private readonly TurnRunner _runner;
    private readonly int _maxWaiting;
    private readonly int _concurrency;
    private readonly SemaphoreSlim _slots;
    private readonly ConcurrentDictionary<Turn, bool> _running = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SendOrPostCallback _runDialogue;
    private int _waiting;

    // Dialogues that are posted to the threads, wait for a slot, or run.
    private int _scheduled;
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
        _slots = new SemaphoreSlim(_concurrency, _concurrency);
        _threads = new ConversationThreads(threads, logger);
        _runner = new TurnRunner(calls, metrics, logger, time);
        _runDialogue = state => _ = RunAsync((Dialogue)state!);
        metrics.Observe(() => Volatile.Read(ref _waiting), () => InFlight);
    }

    public ConversationStatus Status
    {
        get
        {
            int inFlight = InFlight;
            return new ConversationStatus(
                _threads.Count, Volatile.Read(ref _waiting), _maxWaiting, inFlight, _concurrency,
                (double)inFlight / _concurrency, _threads.Ready, Interlocked.Read(ref _rejected), _draining);
        }
    }

    /// <summary>
    /// True while a turn may begin before its words are whole: less than half of the slots are in use, and no turn waits. Such a turn may be for
    /// nothing, so it must not take the place of another.
    /// </summary>
    public bool HasRoomForEarly => !_draining && !IsPressed && Volatile.Read(ref _waiting) == 0 && InFlight < (_concurrency + 1) / 2;

    private int InFlight => _concurrency - _slots.CurrentCount;

    /// <summary>
    /// Queues a turn behind those of its dialogue. False when the queue is full: the sink is not called, and the caller reports it to the device.
    /// </summary>
    public bool TrySubmit(Dialogue dialogue, Turn turn)
    {
        // Count first, then read _draining; a drain sets _draining first, then reads the count. At least one of the two sees the other.
        int waiting = Interlocked.Increment(ref _waiting);
        if (waiting > (IsPressed ? _slots.CurrentCount : _maxWaiting) || dialogue.Mailbox.Count >= dialogue.MaxWaiting || _draining || !turn.TryAdmit())
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
        Enqueue(dialogue, turn);
        return true;
    }

    /// <summary>
    /// Notifies memory that the device has left, after the dialogue's last turn, which would otherwise start a new record of the device. Never
    /// rejected, even while draining.
    /// </summary>
    public void Leave(Dialogue dialogue) => Enqueue(dialogue, Turn.Departure());

    /// <summary>
    /// Cancels a waiting or running turn. A worker closes the connection to the provider, before all other work. The sink still gets its one
    /// <see cref="IReplySink.Complete"/>.
    /// </summary>
    public void Cancel(Turn turn)
    {
        turn.Cancellation.Request();
        turn.Early?.Drop();
        if (turn.TryDrop())
        {
            Interlocked.Decrement(ref _waiting);
        }
        else if (turn.IsRunning)
        {
            _threads.PostUrgent(static state => ((LlmCancellation)state!).Fire(), turn.Cancellation);
        }
    }

    /// <summary>Runs <see cref="LlmCalls.CompleteAsync"/> on the conversation threads.</summary>
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

    /// <summary>Rejects new turns, lets the others finish, and cancels what is left at the deadline.</summary>
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

            // Closing sockets is quick; a client that ignores its cancellation must not block the stop.
            await Task.WhenAny(_idle.Task, Task.Delay(s_cutOffWait, CancellationToken.None));
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

    private void Enqueue(Dialogue dialogue, Turn turn)
    {
        if (dialogue.Mailbox.Put(turn))
        {
            Interlocked.Increment(ref _scheduled);
            _threads.Post(_runDialogue, dialogue);
        }
    }

    /// <summary>Runs one turn of the dialogue, then queues the dialogue again if more turns wait: a busy device does not starve the others.</summary>
    private async Task RunAsync(Dialogue dialogue)
    {
        await _slots.WaitAsync();
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
            _slots.Release();
            if (dialogue.Mailbox.TryRelease())
            {
                Interlocked.Decrement(ref _scheduled);
                SignalIdle();
            }
            else
            {
                _threads.Post(_runDialogue, dialogue);
            }
        }
    }

    private async Task RunTurnAsync(Dialogue dialogue, Turn turn)
    {
        TurnOutcome outcome = TurnOutcome.Cancelled;
        using Activity? span = GatewayTracing.StartTurn(turn.Purpose, dialogue.DeviceId, dialogue.SessionId);
        HeardUtterance? heard = turn.Heard;
        heard?.Trace(span?.Context ?? default);
        _running[turn] = true;
        try
        {
            if (turn.TryStart())
            {
                Interlocked.Decrement(ref _waiting);
                turn.StartedAt = Stopwatch.GetTimestamp();
                _metrics.Waited(_time.GetElapsedTime(turn.SubmittedAt));
                if (_cutOff)
                {
                    turn.Cancellation.Request();
                }

                outcome = await _runner.RunAsync(dialogue, turn);
            }
            else if (turn.Early is not { IsDropped: true })
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
            turn.Finish();
            if (turn.Early is not { IsDropped: true })
            {
                _metrics.TurnEnded(outcome, LlmConfiguration.NormalizePurpose(turn.Purpose));
            }

            if (heard is null)
            {
                // How the words were heard is known after a turn that began early.
                turn.Heard?.Trace(span?.Context ?? default);
            }

            GatewayTracing.SetOutcome(span, outcome, failed: outcome == TurnOutcome.Failed);
            turn.Sink.Complete(outcome);
        }
    }

    /// <summary>Logs a full queue at most once per second.</summary>
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
        if (_draining && Volatile.Read(ref _waiting) == 0 && Volatile.Read(ref _scheduled) == 0)
        {
            _idle.TrySetResult();
        }
    }
}
