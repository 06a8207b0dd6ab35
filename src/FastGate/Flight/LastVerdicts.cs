using System.Runtime.InteropServices;

namespace FastGate.Flight;

/// <summary>
/// The last verdict of each device and of each address, also of those without a record: a flood of one verdict leaves room for a sample of records only,
/// and this table for the rest. 16,384 subjects; another one takes the place of the oldest of its set. Devices and addresses have separate tables, so that
/// invented ids never push out an address.
/// </summary>
/// <remarks>
/// An entry is one word, so that a reader sees it whole without a lock: 32 bits of the subject's hash, 24 bits of time in units of four seconds, and the
/// verdict plus one. Two writers of one set may overwrite each other's entry: one subject then has its former verdict or none. The hash has a random key
/// and 44 bits with the number of the set: two of the subjects are mistaken for each other with a probability below one in a million.
/// Budget: no allocation after the first verdict (LastVerdictsTests). Memory: 256 KiB, from the first verdict on.
/// </remarks>
internal sealed class LastVerdicts
{
    private const int Sets = 4_096;
    private const int Ways = 4;
    private const long UnitMs = 4_000;
    private const uint TimeMask = 0xFF_FFFF;

    private ulong[]? _devices;
    private ulong[]? _addresses;

    /// <summary>Any thread.</summary>
    public void Note(Verdict verdict, UInt128 address, ReadOnlySpan<byte> deviceId, long nowMs)
    {
        if (!deviceId.IsEmpty)
        {
            Note(ref _devices, HashOf(deviceId), verdict, nowMs);
        }

        if (address != 0)
        {
            Note(ref _addresses, HashOf(address), verdict, nowMs);
        }
    }

    public (Verdict Verdict, TimeSpan Age)? OfDevice(ReadOnlySpan<byte> deviceId, long nowMs) => Find(_devices, HashOf(deviceId), nowMs);

    public (Verdict Verdict, TimeSpan Age)? OfAddress(UInt128 address, long nowMs) => Find(_addresses, HashOf(address), nowMs);

    private static void Note(ref ulong[]? table, ulong hash, Verdict verdict, long nowMs)
    {
        ulong[] entries = Volatile.Read(ref table) ?? Interlocked.CompareExchange(ref table, new ulong[Sets * Ways], null) ?? table;
        Span<ulong> set = SetOf(entries, hash);
        int place = 0;
        for (int way = 0; way < Ways; way++)
        {
            ulong entry = Volatile.Read(ref set[way]);
            if (entry == 0 || TagOf(entry) == TagOf(hash))
            {
                place = way;
                break;
            }

            place = AgeOf(entry, nowMs) > AgeOf(Volatile.Read(ref set[place]), nowMs) ? way : place;
        }

        Volatile.Write(ref set[place], ((ulong)TagOf(hash) << 32) | ((ulong)UnitOf(nowMs) << 8) | ((ulong)verdict + 1));
    }

    private static (Verdict Verdict, TimeSpan Age)? Find(ulong[]? entries, ulong hash, long nowMs)
    {
        for (int way = 0; entries is not null && way < Ways; way++)
        {
            ulong entry = Volatile.Read(ref SetOf(entries, hash)[way]);
            if (entry != 0 && TagOf(entry) == TagOf(hash))
            {
                return ((Verdict)((entry & 0xFF) - 1), TimeSpan.FromMilliseconds(AgeOf(entry, nowMs) * UnitMs));
            }
        }

        return null;
    }

    private static Span<ulong> SetOf(ulong[] entries, ulong hash) => entries.AsSpan((int)(hash % Sets) * Ways, Ways);

    private static uint TagOf(ulong hashOrEntry) => (uint)(hashOrEntry >> 32);

    private static uint UnitOf(long nowMs) => (uint)(nowMs / UnitMs) & TimeMask;

    private static uint AgeOf(ulong entry, long nowMs) => (UnitOf(nowMs) - (uint)(entry >> 8)) & TimeMask;

    private static ulong HashOf(ReadOnlySpan<byte> id)
    {
        // HashCode has a random key and 32 bits: two of them that begin differently make 64.
        HashCode low = default, high = default;
        high.Add(1);
        low.AddBytes(id);
        high.AddBytes(id);
        return ((ulong)(uint)high.ToHashCode() << 32) | (uint)low.ToHashCode();
    }

    private static ulong HashOf(UInt128 address) => HashOf(MemoryMarshal.AsBytes(new ReadOnlySpan<UInt128>(in address)));
}
