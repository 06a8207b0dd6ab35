using System.Globalization;
using System.Runtime.InteropServices;

namespace FastGate.LoadTest.Linux;

/// <summary>Chooses the processors of a thread or of this process.</summary>
internal static partial class Processors
{
    /// <summary>The kernel's limit of processors in a mask of this size.</summary>
    private const int Most = 1024;

    /// <summary>Runs the action on the given processors. A process that the action starts keeps them.</summary>
    /// <exception cref="IOException">No such processor is allowed.</exception>
    public static void Run(IReadOnlyCollection<int> processors, IReadOnlyCollection<int> before, Action action)
    {
        Set(0, processors);
        try
        {
            action();
        }
        finally
        {
            Set(0, before);
        }
    }

    /// <summary>Keeps all threads of this process on the given processors until the process ends.</summary>
    public static void UseForProcess(IReadOnlyCollection<int> processors)
    {
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                Set(int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture), processors);
            }
            catch (IOException) when (!Directory.Exists(thread))
            {
                // The thread has ended.
            }
        }
    }

    private static unsafe void Set(int thread, IReadOnlyCollection<int> processors)
    {
        ulong* mask = stackalloc ulong[Most / 64];
        new Span<ulong>(mask, Most / 64).Clear();
        foreach (int processor in processors.Where(static processor => processor is >= 0 and < Most))
        {
            mask[processor / 64] |= 1UL << (processor % 64);
        }

        if (SetAffinity(thread, Most / 8, mask) != 0)
        {
            throw new IOException($"Processors {string.Join(',', processors)} cannot be used: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static unsafe partial int SetAffinity(int thread, nint size, ulong* mask);
}
