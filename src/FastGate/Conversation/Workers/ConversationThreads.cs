using System.Collections.Concurrent;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Conversation.Workers;

/// <summary>
/// The threads of the conversation, a fixed number with names of their own. Whatever awaits here resumes here: the turns are
/// asynchronous, so a silent provider holds no thread. Posting never waits. The queue's length is bounded by the turns admitted, of which
/// each has at most one continuation here at a time. Interruptions are run before everything else.
/// </summary>
internal sealed class ConversationThreads : SynchronizationContext, IDisposable
{
    private readonly ConcurrentQueue<WorkItem> _urgent = new();
    private readonly ConcurrentQueue<WorkItem> _items = new();
    private readonly SemaphoreSlim _available = new(0);
    private readonly Thread[] _threads;
    private readonly ILogger _logger;
    private volatile bool _stopped;

    public ConversationThreads(int count, ILogger logger)
    {
        _logger = logger;
        _threads = new Thread[count];
        for (int i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"fastgate-llm-{i}" };
        }

        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    public int Count => _threads.Length;

    /// <summary>Items ready to run and not yet taken: above zero for long means that the threads are saturated.</summary>
    public int Ready => _items.Count + _urgent.Count;

    public override void Post(SendOrPostCallback d, object? state)
    {
        _items.Enqueue(new WorkItem(d, state));
        _available.Release();
    }

    public void PostUrgent(SendOrPostCallback d, object? state)
    {
        _urgent.Enqueue(new WorkItem(d, state));
        _available.Release();
    }

    /// <summary>Runs and waits; for callers outside, none of which is ours.</summary>
    public override void Send(SendOrPostCallback d, object? state)
    {
        if (ReferenceEquals(Current, this))
        {
            d(state);
            return;
        }

        using var done = new ManualResetEventSlim();
        Exception? thrown = null;
        Post(_ =>
        {
            try
            {
                d(state);
            }
            catch (Exception exception)
            {
                thrown = exception;
            }
            finally
            {
                done.Set();
            }
        }, null);
        done.Wait();
        if (thrown is not null)
        {
            throw thrown;
        }
    }

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Ends the threads after the item each is at; what is still queued is dropped.</summary>
    public void Dispose()
    {
        _stopped = true;
        _available.Release(_threads.Length);
        foreach (Thread thread in _threads)
        {
            if (thread != Thread.CurrentThread)
            {
                thread.Join(TimeSpan.FromSeconds(1));
            }
        }
    }

    private void Run()
    {
        SetSynchronizationContext(this);
        while (true)
        {
            _available.Wait();
            if (_stopped)
            {
                return;
            }

            if (_urgent.TryDequeue(out WorkItem item) || _items.TryDequeue(out item))
            {
                RunItem(item);
            }
        }
    }

    private void RunItem(WorkItem item)
    {
        try
        {
            item.Callback(item.State);
        }
        catch (Exception exception)
        {
            // A thread of ours outlives every fault; the turn it belonged to has its own handler.
            _logger.WorkFaulted(exception);
        }
    }

    private readonly record struct WorkItem(SendOrPostCallback Callback, object? State);
}
