using System.Reflection;
using System.Runtime.CompilerServices;

namespace FastGate.LoadTest.Load;

/// <summary>Has the driver's own methods compiled before the first device is due, so that the first ones are not late for it.</summary>
internal static class WarmUp
{
    private static readonly string[] s_rooms = ["Devices", "Linux", "Load", "Measure", "Scenarios", "Sockets"];

    public static void Run()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        Assembly[] assemblies = [typeof(WarmUp).Assembly, typeof(Protocol.Framing.FrameReader).Assembly];
        foreach (Type type in assemblies.SelectMany(assembly => assembly.GetTypes()).Where(IsHot))
        {
            foreach (MethodInfo method in type.GetMethods(All).Where(method => !method.IsAbstract && !method.ContainsGenericParameters))
            {
                RuntimeHelpers.PrepareMethod(method.MethodHandle);
            }
        }
    }

    private static bool IsHot(Type type) =>
        !type.ContainsGenericParameters
        && (type.Namespace == typeof(Protocol.Framing.FrameReader).Namespace
            || s_rooms.Any(room => type.Namespace == $"{nameof(FastGate)}.{nameof(LoadTest)}.{room}"));
}
