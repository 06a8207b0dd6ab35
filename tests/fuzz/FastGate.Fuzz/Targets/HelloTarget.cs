using System.Buffers;
using FastGate.Transport.Tls;

namespace FastGate.Fuzz.Targets;

/// <summary>The first message of a TLS client. What is refused stays refused when more bytes come.</summary>
internal static class HelloTarget
{
    public static void Run(byte[] input)
    {
        bool isRefused = false;
        for (int length = 1; length <= Math.Min(input.Length, 1024); length++)
        {
            OperationStatus status = ClientHello.Read(input.AsSpan(0, length), out _, out int record);
            FuzzException.ThrowUnless(status != OperationStatus.Done || record <= length, "The record is longer than what was received.");
            FuzzException.ThrowUnless(!isRefused || status == OperationStatus.InvalidData, "More bytes make an invalid message valid.");
            isRefused = status == OperationStatus.InvalidData;
        }
    }
}
