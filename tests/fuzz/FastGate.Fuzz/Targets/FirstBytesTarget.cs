using FastGate.Flight;

namespace FastGate.Fuzz.Targets;

/// <summary>The recognition of other protocols.</summary>
internal static class FirstBytesTarget
{
    public static void Run(byte[] input)
    {
        for (int length = 0; length <= Math.Min(input.Length, 128); length++)
        {
            _ = FirstBytes.Find(input.AsSpan(0, length));
        }
    }
}
