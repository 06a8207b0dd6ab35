using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;
using FastGate.Transport.Linux;
using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>What no behaviour shows on a quiet machine: how the runtime is told to make the calls, and what it can optimise.</summary>
public sealed class LinuxSocketTests
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>A call that takes microseconds without the transition would have every collection wait for it.</summary>
    [Fact]
    public void No_system_call_suppresses_the_transition_and_none_needs_a_conversion()
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

    /// <summary>A method that never returns is never compiled again as a whole: it may call the work, not do it.</summary>
    [Fact]
    public void The_method_that_never_returns_only_calls_the_one_that_does()
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

    /// <summary>Every place that reads like a call of this assembly's own; what only looks like one resolves to nothing.</summary>
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
