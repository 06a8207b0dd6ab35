using System.Buffers;
using FastGate.Protocol.Proxies;

namespace FastGate.Fuzz.Targets;

/// <summary>The header of a load balancer, and a list of reported addresses. The header's result must not depend on the pieces in which it arrives.</summary>
internal static class ProxyTarget
{
    public static void Run(byte[] input)
    {
        OperationStatus whole = ProxyHeader.Parse(input, out int consumed, out ProxyHeader header);
        FuzzException.ThrowUnless(consumed <= Math.Min(input.Length, ProxyHeader.MaxLength), "More was consumed than received or allowed.");
        OperationStatus inPieces = OperationStatus.NeedMoreData;
        int read = 0;
        ProxyHeader found = default;
        for (int length = 1; length <= input.Length && inPieces == OperationStatus.NeedMoreData; length++)
        {
            inPieces = ProxyHeader.Parse(input.AsSpan(0, length), out read, out found);
        }

        FuzzException.ThrowUnless(input.Length == 0 || (whole == inPieces && consumed == read && header == found), "The result depends on the pieces of the header.");
        foreach (ReportedHeader name in Enum.GetValues<ReportedHeader>())
        {
            var nodes = new ReportedNodes(input, name);
            for (int count = 0; nodes.Read(); count++)
            {
                FuzzException.ThrowUnless(count <= input.Length, "The list does not end.");
            }
        }
    }
}
