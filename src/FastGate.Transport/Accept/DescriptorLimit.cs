using FastGate.Transport.Linux;

namespace FastGate.Transport.Accept;

/// <summary>How the limit of open files is divided between connections and everything else.</summary>
internal static class DescriptorLimit
{
    /// <summary>
    /// What the server opens between the check of its limit and its first connection, most of it assemblies that are loaded when they are
    /// first needed: 95 to 105 were measured on a machine of two loops.
    /// </summary>
    private const int StillToOpen = 112;

    private const int LoopsOfStillToOpen = 2;

    /// <summary>A loop's epoll, its eventfd, its listener and the listener's reserve.</summary>
    private const int PerLoop = 3 + ReserveDescriptors.Count;

    /// <summary>Connections that the limit of open files allows, at least 1.</summary>
    /// <param name="loops">Event loops that will be started; 0 for the sockets transport.</param>
    public static int MaxConnections(int loops)
    {
        int ofLoops = Math.Max(0, loops - LoopsOfStillToOpen) * PerLoop;
        return Math.Max(1, Ceiling() - LinuxProcess.CountOpenFiles() - StillToOpen - ofLoops);
    }

    /// <summary>The first descriptor number that is not for a connection: the limit less a reserve for everything else.</summary>
    public static int Ceiling()
    {
        int limit = LinuxProcess.OpenFileLimit();
        return limit - Math.Min(256, limit / 8);
    }
}
