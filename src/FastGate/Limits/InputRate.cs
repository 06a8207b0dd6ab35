using FastGate.Configuration.Options;

namespace FastGate.Limits;

/// <summary>
/// The rate of messages and bytes of one connection. The connection keeps one number: the time, in sixteenths of a millisecond, until which its input is
/// paid for. Immutable; the loop of the connection owns the number.
/// </summary>
internal sealed class InputRate(RateOptions options)
{
    /// <summary>Pauses in a row after which a connection that has more input again is closed.</summary>
    public const int MostPauses = 3;

    private const int UnitsPerMs = 16;
    private const int UnitsPerSecond = 1_000 * UnitsPerMs;
    private const int BurstSeconds = 10;
    private const int Burst = BurstSeconds * UnitsPerSecond;

    /// <summary>No number is further ahead. One that seems to be is from before the clock's 32 bits began anew, which takes 74 hours.</summary>
    private const int Farthest = 2 * Burst;

    public int MessagesPerSecond => options.MessagesPerSecond;

    public int BytesPerSecond => options.BytesPerSecond;

    public bool IsOff { get; } = options.MessagesPerSecond == 0 && options.BytesPerSecond == 0;

    /// <summary>Pays for what one read has brought: for the messages or the bytes, whichever cost more.</summary>
    /// <param name="paid">The number of the connection.</param>
    /// <param name="messages">Messages of the read.</param>
    /// <param name="bytes">Bytes of the read.</param>
    /// <param name="nowMs">The time.</param>
    /// <returns>Milliseconds that the connection must pause; 0 when it is within its rate; -1 when it also was quiet before.</returns>
    public int Pay(ref uint paid, int messages, long bytes, long nowMs)
    {
        uint now = (uint)(nowMs * UnitsPerMs);
        int ahead = (int)(paid - now);
        bool wasQuiet = ahead is <= 0 or > Farthest;
        long cost = Math.Max(
            options.MessagesPerSecond == 0 ? 0 : (long)messages * UnitsPerSecond / options.MessagesPerSecond,
            options.BytesPerSecond == 0 ? 0 : bytes * UnitsPerSecond / options.BytesPerSecond);
        long next = Math.Min((wasQuiet ? 0 : ahead) + cost, Farthest);
        paid = now + (uint)next;
        return next > Burst ? (int)((next - (Burst / 2)) / UnitsPerMs) : wasQuiet ? -1 : 0;
    }
}
