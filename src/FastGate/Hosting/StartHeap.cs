using System.Runtime;

namespace FastGate.Hosting;

/// <summary>
/// Keeps the collector away from the start. What a start allocates stays, so a collection would only move it: 8 of 62 ms of the native program.
/// </summary>
internal static class StartHeap
{
    /// <summary>A start allocates 4 to 8 MB. With more, for example the state of a restart, the collector ends the delay itself.</summary>
    private const long Bytes = 12 * 1024 * 1024;

    /// <summary>At the beginning. Without the memory at hand everything is as usual.</summary>
    public static void DelayCollections()
    {
        try
        {
            GC.TryStartNoGCRegion(Bytes);
        }
        catch (ArgumentOutOfRangeException)
        {
            // The heap has a limit (DOTNET_GCHeapHardLimit) below that.
        }
    }

    /// <summary>When the server has started. Also when the delay has ended or never begun.</summary>
    public static void AllowCollections()
    {
        if (GCSettings.LatencyMode != GCLatencyMode.NoGCRegion)
        {
            return;
        }

        try
        {
            GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // Another thread has used up the memory meanwhile.
        }
    }
}
