using FastGate.Registry;
using FastGate.Transport.Concurrency;

namespace FastGate.Cluster;

/// <summary>
/// Connections whose claim is to be looked at: any thread adds, one loop takes. A connection is in it at most once, and is linked through itself, so
/// that adding allocates nothing and takes no lock.
/// </summary>
/// <remarks>
/// No wake-up is lost: the loop publishes its waiter and then looks at the stack, a producer pushes and then looks at the waiter, and both have a full
/// fence between the two, so that at least one of them sees the other.
/// </remarks>
internal sealed class ClaimQueue(int bound)
{
    private IntrusiveStack<IClaimedConnection> _stack;
    private TaskCompletionSource? _waiter;
    private int _count;

    /// <summary>Connections that wait. Any thread.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Any thread. False at the bound: the connection is not in the queue.</summary>
    public bool TryAdd(IClaimedConnection connection)
    {
        if (!connection.Claim.TryQueue())
        {
            return true;
        }

        if (Interlocked.Increment(ref _count) > bound)
        {
            Interlocked.Decrement(ref _count);
            connection.Claim.Unqueue();
            return false;
        }

        _stack.Push(connection);
        Wake();
        return true;
    }

    /// <summary>Any thread.</summary>
    public void Wake()
    {
        if (Volatile.Read(ref _waiter) is not null)
        {
            Interlocked.Exchange(ref _waiter, null)?.TrySetResult();
        }
    }

    /// <summary>The loop only. Moves what waits to the end of the list, the oldest first.</summary>
    public void TakeAll(Queue<IClaimedConnection> into)
    {
        int taken = 0;
        for (IClaimedConnection? connection = _stack.TakeAllInOrder(); connection is not null;)
        {
            IClaimedConnection? next = connection.Next;
            connection.Next = null;
            into.Enqueue(connection);
            connection = next;
            taken++;
        }

        if (taken > 0)
        {
            Interlocked.Add(ref _count, -taken);
        }
    }

    /// <summary>The loop only. Completes when something has been added, or <see cref="Wake"/> was called.</summary>
    public Task WaitAsync()
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _waiter, waiter);
        if (!_stack.IsEmpty)
        {
            Wake();
        }

        return waiter.Task;
    }
}
