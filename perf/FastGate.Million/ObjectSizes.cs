using System.Runtime.CompilerServices;
using FastGate.Connections;
using FastGate.Registry;
using FastGate.Sessions;
using FastGate.Transport.Loops;

namespace FastGate.Million;

/// <summary>
/// The exact size of an object on the heap: creates one without its constructor and reads how many bytes the runtime allocated.
/// </summary>
internal static class ObjectSizes
{
    /// <summary>All objects of a silent device after hello.</summary>
    /// <param name="life">The task of a connection's lifetime; its type is the box of the state machine.</param>
    /// <param name="deviceId">A device id of the fleet.</param>
    /// <param name="slots">Slots of the registry's table.</param>
    /// <param name="devices">Devices that share them.</param>
    public static IReadOnlyList<LedgerLine> Ledger(Type life, string deviceId, int slots, int devices) =>
    [
        new(nameof(DeviceConnection) + " (is its own timer entry)", Of(typeof(DeviceConnection)), Alive: true),
        new("state machine of " + nameof(DeviceConnection) + ".RunAsync", Of(life), Alive: true, OnLoops: false),
        new(nameof(DeviceSession), Of(typeof(DeviceSession)), Alive: true),
        new("string, the device id", OfString(deviceId), Alive: true),
        new(nameof(RegistryNode), Of(typeof(RegistryNode)), Alive: true),
        new("slots of the registry's table", (double)slots * IntPtr.Size / devices, Alive: true),
        new(nameof(LoopConnection), Of(typeof(LoopConnection)), Alive: false),
        new("slot of the loop's connection table", IntPtr.Size, Alive: false),
    ];

    private static long Of(Type type)
    {
        _ = RuntimeHelpers.GetUninitializedObject(type);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _ = RuntimeHelpers.GetUninitializedObject(type);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static long OfString(string text)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        GC.KeepAlive(new string(text.AsSpan()));
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
