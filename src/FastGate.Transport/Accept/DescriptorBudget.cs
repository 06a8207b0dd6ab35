using FastGate.Transport.Linux;

namespace FastGate.Transport.Accept;

/// <summary>
/// Divides the limit of open files among all that opens descriptors, so that no listener can take the last one: a process without any cannot start a
/// thread or load an assembly, and the runtime ends it.
/// </summary>
/// <param name="Limit">The limit of open files.</param>
public sealed record DescriptorBudget(int Limit)
{
    /// <summary>
    /// Descriptors that the server opens between this check and its first connection, most of them for assemblies that are loaded on demand:
    /// 95 to 116 were measured on a machine with two loops.
    /// </summary>
    private const int StillToOpen = 122;

    private const int LoopsOfStillToOpen = 2;

    /// <summary>A loop's epoll, its eventfd, its listener and the listener's reserve.</summary>
    private const int PerLoop = 3 + ReserveDescriptors.Count;

    /// <summary>Connections of the public HTTP listener.</summary>
    public int Http => Math.Clamp(Limit / 16 - 8, 8, 1_000);

    /// <summary>Connections of the admin listener.</summary>
    public int Admin => Math.Clamp(Limit / 64, 4, 100);

    /// <summary>Connections to language models.</summary>
    public int Calls => Math.Clamp(Limit / 16 - 10, 8, 4_096);

    /// <summary>Files, log, database, and what is not known in advance.</summary>
    public int Reserve => Math.Clamp(Limit / 8 - 24, 12, 256);

    /// <summary>
    /// The first descriptor number that no device connection may have. Linux assigns the lowest free number, so it bounds the number of open
    /// descriptors, whatever they are.
    /// </summary>
    public int Ceiling => Limit == int.MaxValue ? Limit : Math.Max(1, Limit - Reserve - Http - Admin - Calls);

    /// <summary>
    /// Used share of the descriptors below <see cref="Ceiling"/>: one when the next device would get none. The lowest free number shows it, as it does to the
    /// listener; a count of open descriptors reads all of them on kernels before 6.2.
    /// </summary>
    /// <returns>The share, from 0 to 1; 0 where there is no limit or it is unknown.</returns>
    public double UsedShare() => Limit == int.MaxValue ? 0 : Math.Min(1, (double)LinuxProcess.LowestFreeDescriptor(Ceiling) / Ceiling);

    /// <summary>The budget of this process.</summary>
    /// <returns>The budget, made from the soft limit at the time of the call.</returns>
    public static DescriptorBudget OfProcess() => new(LinuxProcess.OpenFileLimit());

    /// <summary>Device connections that the limit allows, at least 1. Counts what is open now.</summary>
    /// <param name="loops">Event loops that will be started; 0 for the sockets transport.</param>
    /// <param name="inherited">Device connections among the open files, which the program before this one has left. They keep their places.</param>
    /// <returns>The number of connections.</returns>
    public int CountDevices(int loops, int inherited = 0)
    {
        int ofLoops = Math.Max(0, loops - LoopsOfStillToOpen) * PerLoop;
        return Math.Max(Math.Max(1, inherited), Ceiling - (LinuxProcess.CountOpenFiles() - inherited) - StillToOpen - ofLoops);
    }
}
