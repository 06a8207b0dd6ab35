using System.Numerics;
using FastGate.Transport.Concurrency;

namespace FastGate.Diagnostics;

/// <summary>
/// A count that many threads add to and hardly anyone reads: each thread adds to a cell on a cache line of its own.
/// </summary>
/// <remarks>
/// Threads are dealt onto the cells in the order in which they first add to any such counter; there are twice as many cells as
/// cores, so event loops never share one, and when threads outnumber the cells two of them share: hence interlocked.
/// <see cref="Value"/> is no instant's picture, but a counter that only grows never seems to shrink to one reader, since no cell does.
/// Budget: no allocation per call (StripedCounterTests).
/// </remarks>
internal sealed class StripedCounter
{
    private static readonly int s_cellCount =
        (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(2 * Environment.ProcessorCount, 4, 64));

    private static int s_dealt;

    // One more than the thread's cell; 0 until it is dealt one.
    [ThreadStatic]
    private static int t_cell;

    private readonly PaddedCount[] _cells = new PaddedCount[s_cellCount];

    public long Value
    {
        get
        {
            long sum = 0;
            foreach (ref PaddedCount cell in _cells.AsSpan())
            {
                sum += Volatile.Read(ref cell.Value);
            }

            return sum;
        }
    }

    public void Increment() => Add(1);

    public void Add(long amount)
    {
        int cell = t_cell;
        if (cell == 0)
        {
            cell = DealCell();
        }

        Interlocked.Add(ref _cells[cell - 1].Value, amount);
    }

    private static int DealCell() => t_cell = ((Interlocked.Increment(ref s_dealt) - 1) & (s_cellCount - 1)) + 1;
}
