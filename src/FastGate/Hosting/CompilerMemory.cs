using System.Runtime;
using System.Runtime.InteropServices;

namespace FastGate.Hosting;

/// <summary>
/// Returns memory to the system after the runtime has compiled methods. The compiler needs up to some megabytes for a large method, and the C library keeps what it
/// frees. A native program compiles nothing, so it returns nothing. The state belongs to the one polling task.
/// </summary>
internal sealed partial class CompilerMemory(Func<long> compiledMethods, Action release)
{
    /// <summary>Half a minute at the pace of <see cref="IdleMemory"/>.</summary>
    public const int PollsBetween = 6;

    private static bool s_isMissing;

    private int _polls;
    private long _released;

    public static long CompiledMethods() => JitInfo.GetCompiledMethodCount();

    /// <summary>Free pages of all heaps of the C library. Takes about a millisecond, in which only threads that use these heaps wait: event loops do not.</summary>
    public static void ReleaseNow()
    {
        if (s_isMissing || !OperatingSystem.IsLinux())
        {
            return;
        }

        // The runtime frees the compiler's memory on the thread of the finalizers.
        GC.WaitForPendingFinalizers();
        try
        {
            _ = TrimHeaps(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Only glibc has it.
            s_isMissing = true;
        }
    }

    /// <summary>True when it released: methods were compiled since the last release.</summary>
    public bool Poll()
    {
        if (++_polls < PollsBetween)
        {
            return false;
        }

        _polls = 0;
        long compiled = compiledMethods();
        if (compiled == _released)
        {
            return false;
        }

        _released = compiled;
        release();
        return true;
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeaps(nuint keep);
}
