using FastGate.Diagnostics;

namespace FastGate.Connections;

/// <summary>
/// The memory of unfinished messages of all connections. Each message is within its own limits, but many together could fill the heap, and the runtime
/// ends a process whose heap is full. Beyond the budget the largest and oldest of them are ended.
/// </summary>
/// <remarks>
/// Loops add and subtract by interlocked operations, and only when a message is incomplete after a read. A pass that ends connections runs on the thread
/// pool, one at a time. Until it has ended enough, a connection that still grows beyond a quarter above the budget ends itself.
/// </remarks>
internal sealed class UnfinishedMessages
{
    private const int HeapShare = 8;
    private const long LargestAutomatic = 1L << 30;

    private readonly Func<IReadOnlyList<DeviceConnection>> _connections;
    private readonly WaitCallback _relieve;
    private long _bytes;
    private int _relieving;

    /// <param name="budget">Bytes; 0 takes an eighth of the memory that the heap may use, at most 1 GiB.</param>
    /// <param name="connections">The connections to choose from.</param>
    public UnfinishedMessages(int budget, Func<IReadOnlyList<DeviceConnection>> connections)
    {
        Budget = budget > 0 ? budget : Math.Min(LargestAutomatic, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / HeapShare);
        _connections = connections;
        _relieve = _ => Relieve();
    }

    public long Budget { get; }

    /// <summary>Any thread.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Takes the new size of one connection's unfinished message. Its loop only. No allocation.</summary>
    /// <returns>False when the connection must end itself.</returns>
    public bool TryChange(ref int counted, int bytes)
    {
        int change = bytes - counted;
        if (change == 0)
        {
            return true;
        }

        Volatile.Write(ref counted, bytes);
        long sum = Interlocked.Add(ref _bytes, change);
        if (change < 0 || sum <= Budget)
        {
            return true;
        }

        if (Interlocked.Exchange(ref _relieving, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_relieve, null);
        }

        return sum <= Budget + (Budget / 4);
    }

    /// <summary>Ends connections, the largest first and of equal ones the oldest, until three quarters of the budget are left.</summary>
    internal void Relieve()
    {
        try
        {
            long excess = Bytes - (Budget - (Budget / 4));

            foreach (DeviceConnection connection in _connections()
                .Where(static connection => connection.UnfinishedBytes > 0)
                .OrderByDescending(static connection => connection.UnfinishedBytes)
                .ThenBy(static connection => connection.UnfinishedSinceMs))
            {
                excess -= connection.UnfinishedBytes;
                connection.RequestClose(ConnectionEndReason.MemoryPressure);
                if (excess <= 0)
                {
                    break;
                }
            }
        }
        finally
        {
            Volatile.Write(ref _relieving, 0);
        }
    }
}
