namespace FastGate.Limits;

/// <summary>The connects of devices, in two rows as in <see cref="SourceTable"/>: 256 KiB from the first device with a limit on.</summary>
internal sealed class DeviceTable
{
    private const int Width = 16_384;
    private const int IndexBits = 14;

    private long[]? _paidUs;

    /// <param name="pace">The limit.</param>
    /// <param name="deviceId">The device.</param>
    /// <param name="address">Zero for a device that has proved its id. Else the device counts for each of its addresses, so that a client elsewhere
    /// cannot use up its connects.</param>
    /// <param name="nowUs">The time.</param>
    public bool TryPay(Pace pace, ReadOnlySpan<byte> deviceId, UInt128 address, long nowUs)
    {
        long[] paidUs = Volatile.Read(ref _paidUs) ?? Interlocked.CompareExchange(ref _paidUs, new long[2 * Width], null) ?? _paidUs;
        var key = default(HashCode);
        key.AddBytes(deviceId);
        key.Add((ulong)(address >> 64));
        key.Add((ulong)address);
        uint hash = (uint)key.ToHashCode();
        return pace.TryPay(ref paidUs[hash % Width], ref paidUs[Width + ((hash >> IndexBits) % Width)], nowUs);
    }
}
