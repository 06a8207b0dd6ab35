using System.Collections.Concurrent;
using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Conversation.Workers;

/// <summary>
/// A fixed number of named threads. Code that awaits on them resumes on them, so a silent provider blocks no thread. Posting never waits, and
/// urgent items run before all others. Each admitted turn has at most one item queued, which bounds the queue.
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

    /// <summary>Queued items. A value that stays above zero means that the threads are saturated.</summary>
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

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Stops each thread after its current item; queued items are dropped.</summary>
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
            // The thread must survive; turns handle their own exceptions.
            _logger.WorkFaulted(exception);
        }
    }

    private readonly record struct WorkItem(SendOrPostCallback Callback, object? State);
}
