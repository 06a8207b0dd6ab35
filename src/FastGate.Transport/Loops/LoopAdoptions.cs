using FastGate.Transport.HandOver;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Transport.Loops;

/// <summary>
/// The loops adopt the connections of a source together: each takes the next few, serves its connections, and takes the next. So the first ones are
/// served while the last ones are still read.
/// </summary>
internal sealed class LoopAdoptions(IReadOnlyList<EventLoop> loops, IAdoptionSource source, ConnectionDelegate connectionDelegate)
{
    /// <summary>Connections that a loop adopts before it serves others: about half a millisecond.</summary>
    private const int Batch = 32;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Any loop takes what it adds to it.</summary>
    private int _next;
    private int _loopsLeft = loops.Count;

    /// <summary>Completes when every connection is adopted, or closed where that failed. Called once.</summary>
    public Task RunAsync()
    {
        foreach (EventLoop loop in loops)
        {
            loop.Post(RunBatch, loop);
        }

        return _done.Task;
    }

    private void RunBatch(object? state)
    {
        var loop = (EventLoop)state!;
        int start = Interlocked.Add(ref _next, Batch) - Batch;
        int end = Math.Min(start + Batch, source.Count);
        for (int index = start; index < end; index++)
        {
            try
            {
                DetachedSocket socket = source.Read(index, out object? connectionState);
                LoopAdoption.Run(loop, socket, connectionState, connectionDelegate);
            }
            catch (Exception exception)
            {
                loop.Report(exception);
                loop.Buffers.EndLoans();
            }
        }

        if (end < source.Count)
        {
            loop.Post(RunBatch, loop);
        }
        else if (Interlocked.Decrement(ref _loopsLeft) == 0)
        {
            _done.SetResult();
        }
    }
}
