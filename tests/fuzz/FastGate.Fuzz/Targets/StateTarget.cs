using FastGate.HandOver;

namespace FastGate.Fuzz.Targets;

/// <summary>The state of a restart. A damaged record must cost its connection only.</summary>
internal static class StateTarget
{
    public static void Run(byte[] input) => _ = StateReader.Read(input);
}
