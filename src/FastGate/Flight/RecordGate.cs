namespace FastGate.Flight;

/// <summary>
/// Bounds how many records one source makes for each verdict: <see cref="Burst"/> at once, then one every <see cref="Interval"/>. The key is the address
/// (<see cref="SourceKey"/>) because a client cannot choose it, unlike a device id: a flood from one address leaves the records of all others alone.
/// </summary>
/// <remarks>
/// Each verdict has <see cref="Slots"/> slots, and sources with the same hash share one. The hash has a random key: no client can choose an address that
/// shares the slot of a device. A verdict gets at most <see cref="Slots"/> records in each <see cref="Interval"/>, whatever the number of sources.
/// A slot is the time until which its records are paid for, replaced by one compare-and-swap: a failed one means that another thread took a record, and
/// after at most <see cref="Burst"/> of them the slot is full. Memory: 2 KiB for each verdict that has occurred.
/// </remarks>
internal sealed class RecordGate
{
    public const int Burst = 32;
    public const int Slots = 256;

    private const long BurstMs = Burst * IntervalMs;
    private const long IntervalMs = 10_000;

    private readonly long[]?[] _paidUntilMs = new long[]?[Enum.GetValues<Verdict>().Length];

    public static TimeSpan Interval => TimeSpan.FromMilliseconds(IntervalMs);

    /// <summary>Any thread. Allocates nothing after the first call for a verdict.</summary>
    public bool TryTake(Verdict verdict, int source, long nowMs)
    {
        ref long[]? slots = ref _paidUntilMs[(int)verdict];
        long[] paidUntilMs = Volatile.Read(ref slots) ?? Interlocked.CompareExchange(ref slots, new long[Slots], null) ?? slots;
        ref long slot = ref paidUntilMs[(uint)source % Slots];
        while (true)
        {
            long seen = Volatile.Read(ref slot);
            long next = Math.Max(seen, nowMs) + IntervalMs;
            if (next - nowMs > BurstMs)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref slot, next, seen) == seen)
            {
                return true;
            }
        }
    }
}
