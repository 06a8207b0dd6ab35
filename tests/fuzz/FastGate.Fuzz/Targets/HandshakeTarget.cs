using System.Buffers;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;

namespace FastGate.Fuzz.Targets;

/// <summary>The request of a device and its identity. The result must not depend on the pieces in which the request arrives.</summary>
internal static class HandshakeTarget
{
    public static void Run(byte[] input)
    {
        HandshakeLimits limits = HandshakeLimits.Default;
        ReadOnlySpan<byte> received = input.AsSpan(0, Math.Min(input.Length, limits.Total));
        var whole = new HandshakeParser(limits);
        OperationStatus status = whole.Parse(received, out int consumed);

        var pieces = new HandshakeParser(limits);
        OperationStatus inPieces = OperationStatus.NeedMoreData;
        int read = 0;
        for (int length = 0; length <= received.Length && inPieces == OperationStatus.NeedMoreData; length++)
        {
            inPieces = pieces.Parse(received[..length], out read);
        }

        FuzzException.ThrowUnless(status == inPieces && consumed == read && whole.Error == pieces.Error, "The result depends on the pieces of the request.");
        FuzzException.ThrowUnless(consumed <= received.Length, "More was consumed than received.");
        if (status != OperationStatus.Done)
        {
            return;
        }

        HandshakeRequest request = whole.GetRequest(received);
        _ = HandshakeRules.Check(request);
        Span<byte> scratch = new byte[DeviceIdentity.ScratchLength(limits)];
        var identity = DeviceIdentity.Read(request, scratch, generated: 1);
        FuzzException.ThrowUnless(identity.DeviceId.IsEmpty || DeviceIdentity.Normalize(System.Text.Encoding.UTF8.GetString(identity.DeviceId)) is not null, "An accepted id is not valid.");
        HeaderLineReader lines = request.Lines;
        while (lines.Read())
        {
            FuzzException.ThrowUnless(!lines.Name.IsEmpty, "A header has no name.");
        }
    }
}
