namespace FastGate.Limits;

/// <summary>
/// What is counted for the addresses, in two rows of places. An address has one place in each row, which it shares with others, and the smaller number
/// counts: a source is mistaken for a busy one only when busy ones share both of its places. The hash has a random key, so that no client can choose an
/// address that shares the places of a device. The memory is fixed, needs no clearing, and is allocated by the first source.
/// </summary>
internal sealed class SourceTable
{
    private const int Width = 16_384;
    private const int IndexBits = 14;

    private Place[]? _places;

    /// <summary>The places of a source. Any thread.</summary>
    public Pair Of(UInt128 source)
    {
        Place[] places = Volatile.Read(ref _places) ?? Interlocked.CompareExchange(ref _places, new Place[2 * Width], null) ?? _places;
        uint hash = (uint)HashCode.Combine((ulong)(source >> 64), (ulong)source);
        return new Pair(ref places[hash % Width], ref places[Width + ((hash >> IndexBits) % Width)]);
    }

    public struct Place
    {
        public int Open;
        public int Pending;
        public long ConnectsPaidUs;
        public long FailuresPaidUs;
        public long NotedUs;
    }

    public readonly ref struct Pair(ref Place first, ref Place second)
    {
        private readonly ref Place _first = ref first;
        private readonly ref Place _second = ref second;

        /// <summary>Connections of the source, or more.</summary>
        public int Open => Math.Min(Volatile.Read(ref _first.Open), Volatile.Read(ref _second.Open));

        /// <summary>Those whose request is not complete yet.</summary>
        public int Pending => Math.Min(Volatile.Read(ref _first.Pending), Volatile.Read(ref _second.Pending));

        public void AddOpen(int by)
        {
            Interlocked.Add(ref _first.Open, by);
            Interlocked.Add(ref _second.Open, by);
        }

        public void AddPending(int by)
        {
            Interlocked.Add(ref _first.Pending, by);
            Interlocked.Add(ref _second.Pending, by);
        }

        public bool TryPayConnect(Pace pace, long nowUs) => pace.TryPay(ref _first.ConnectsPaidUs, ref _second.ConnectsPaidUs, nowUs);

        public void ChargeConnects(Pace pace, long nowUs, int connects) =>
            pace.Charge(ref _first.ConnectsPaidUs, ref _second.ConnectsPaidUs, nowUs, connects);

        public bool TryPayFailure(Pace pace, long nowUs) => pace.TryPay(ref _first.FailuresPaidUs, ref _second.FailuresPaidUs, nowUs);

        public bool HasRoomForFailure(Pace pace, long nowUs) =>
            pace.HasRoom(Math.Min(Volatile.Read(ref _first.FailuresPaidUs), Volatile.Read(ref _second.FailuresPaidUs)), nowUs);

        public bool TryNote(Pace pace, long nowUs) => pace.TryPay(ref _first.NotedUs, ref _second.NotedUs, nowUs);
    }
}
