using System.Reflection;
using System.Runtime.CompilerServices;
using FastGate.Protocol.Framing;
using FastGate.Transport.Linux;

namespace FastGate.LoadTest.Load;

/// <summary>Compiles the driver's methods before the first device is due, so that compilation does not make it late.</summary>
internal static class WarmUp
{
    private static readonly string[] s_folders = ["Devices", "Linux", "Load", "Measure", "Scenarios", "Sockets"];

    public static void Run()
    {
        const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        Assembly[] assemblies = [typeof(WarmUp).Assembly, typeof(FrameReader).Assembly, typeof(LinuxSocket).Assembly];
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
        && (type.Namespace == typeof(FrameReader).Namespace
            || type.Namespace == typeof(LinuxSocket).Namespace
            || s_folders.Any(folder => type.Namespace == $"{nameof(FastGate)}.{nameof(LoadTest)}.{folder}"));
}
