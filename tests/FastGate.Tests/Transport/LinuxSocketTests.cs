using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;
using FastGate.Transport.Linux;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>How the runtime makes system calls and compiles the loop, which no test of behaviour shows on an idle machine.</summary>
public sealed class LinuxSocketTests
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Without the GC transition every collection would wait for a call.</summary>
    [Fact]
    public void System_calls_keep_the_transition_and_have_blittable_parameters()
    {
        MethodInfo[] calls =
        [
            .. typeof(EventLoop).Assembly.GetTypes()
                .SelectMany(static type => type.GetMethods(Declared))
                .Where(static method => (method.Attributes & MethodAttributes.PinvokeImpl) != 0),
        ];
        Assert.Contains(calls, static call => call.DeclaringType == typeof(LibC));
        Assert.All(calls, static call => Assert.Null(call.GetCustomAttribute<SuppressGCTransitionAttribute>()));
        Assert.All(
            calls.Where(static call => call.DeclaringType == typeof(LibC)).SelectMany(static call => call.GetParameters()),
            static parameter => Assert.True(parameter.ParameterType.IsPointer || parameter.ParameterType.IsPrimitive));
    }

    /// <summary>A method that never returns is not compiled again, so the work must be in a method that returns.</summary>
    [Fact]
    public void Run_calls_only_methods_that_return()
    {
        MethodInfo run = typeof(EventLoop).GetMethod("Run", Declared)!;
        string[] calls =
        [
            .. CallsOf(run)
                .Where(static call => call.DeclaringType == typeof(EventLoop) && !call.IsSpecialName)
                .Select(static call => call.Name)
                .Order(),
        ];
        Assert.Equal(["Report", "Turn"], calls);
        Assert.Equal(0, (int)(typeof(EventLoop).GetMethod("Turn", Declared)!.MethodImplementationFlags & MethodImplAttributes.AggressiveInlining));
    }

    [Fact]
    public void Address_of_a_descriptor_that_the_kernel_does_not_know_is_null() => Assert.Null(LinuxSocket.LocalEndPoint(1_000_000_000));

    /// <summary>All calls of methods of the same assembly, found by scanning the IL for call instructions.</summary>
    private static List<MethodBase> CallsOf(MethodInfo method)
    {
        byte[] code = method.GetMethodBody()!.GetILAsByteArray()!;
        var calls = new List<MethodBase>();
        for (int i = 0; i + sizeof(int) < code.Length; i++)
        {
            int token = BitConverter.ToInt32(code, i + 1);
            if ((code[i] == OpCodes.Call.Value || code[i] == OpCodes.Callvirt.Value) && token >> 24 == 0x06)
            {
                calls.Add(method.Module.ResolveMethod(token)!);
            }
        }

        return calls;
    }
}
