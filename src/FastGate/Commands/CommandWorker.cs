using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Commands;

/// <summary>
/// Runs work one after the other on a thread that exists only while there is some: neither an event loop nor the pool waits for the disk, and a server
/// without commands has no thread for them.
/// </summary>
internal sealed class CommandWorker(int mostRequests, ILogger log)
{
    private readonly Lock _gate = new();

    // Guarded by the lock.
    private readonly Queue<Action> _work = new();
    private bool _running;
    private bool _closed;
    private Thread? _thread;

    /// <summary>Adds a request of an operator. False when too many wait, or after <see cref="Close"/>.</summary>
    public bool TryPost(Action request) => Add(request, mostRequests);

    /// <summary>Adds an event, whose number the caller bounds: at most two for each device with commands. False after <see cref="Close"/>.</summary>
    public bool Post(Action work) => Add(work, int.MaxValue);

    /// <summary>Takes no more work. False when what is in progress does not end in time.</summary>
    public bool Close(TimeSpan limit)
    {
        Thread? thread;
        lock (_gate)
        {
            _closed = true;
            thread = _running ? _thread : null;
        }

        return thread is null || thread.Join(limit);
    }

    private bool Add(Action work, int most)
    {
        lock (_gate)
        {
            if (_closed || _work.Count >= most)
            {
                return false;
            }

            _work.Enqueue(work);
            if (!_running)
            {
                _running = true;
                _thread = new Thread(Run) { Name = "fastgate-commands", IsBackground = true };
                _thread.Start();
            }

            return true;
        }
    }

    private void Run()
    {
        while (true)
        {
            Action? work;
            lock (_gate)
            {
                if (!_work.TryDequeue(out work))
                {
                    _running = false;
                    return;
                }
            }

            try
            {
                work();
            }
            catch (Exception exception)
            {
                log.CommandWorkFailed(exception);
            }
        }
    }
}
