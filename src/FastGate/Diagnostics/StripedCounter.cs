using System.Numerics;
using FastGate.Transport.Concurrency;

namespace FastGate.Diagnostics;

/// <summary>
/// A counter that many threads increment and few read: each thread adds to a cell on its own cache line.
/// </summary>
/// <remarks>
/// Threads are assigned to cells in the order of their first addition. There are twice as many cells as cores, so event loops never share one;
/// when there are more threads than cells, some share, so additions are interlocked. <see cref="Value"/> is not a snapshot of one instant, but
/// a reader never sees a growing counter shrink, because no cell does.
/// Budget: no allocation per call (StripedCounterTests).
/// </remarks>
internal sealed class StripedCounter
{
    private static readonly int s_cellCount =
        (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(2 * Environment.ProcessorCount, 4, 64));

    private static int s_assigned;

    // The index of the thread's cell plus one; 0 before the first addition.
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
            cell = AssignCell();
        }

        Interlocked.Add(ref _cells[cell - 1].Value, amount);
    }

    private static int AssignCell() => t_cell = ((Interlocked.Increment(ref s_assigned) - 1) & (s_cellCount - 1)) + 1;
}
