using System.Buffers;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>A handshake allocates nothing: valid or invalid, whole or byte by byte.</summary>
public class HandshakeAllocationTests
{
    public static TheoryData<string> AllRequests =>
        [.. Requests.Good.Concat(RefusalTable.Accepted.Select(a => a.Request)).Concat(RefusalTable.WellFormed.Select(r => r.Request))
            .Concat(RefusalTable.Malformed.Select(r => r.Request)).Distinct()];

    [Theory]
    [MemberData(nameof(AllRequests))]
    public void Handshake_allocates_nothing(string text)
    {
        byte[] bytes = Requests.Bytes(text);
        var output = new FixedWriter();
        int step = bytes.Length > 2_000 ? 97 : 1;
        Assert.Equal(0, Allocations.Of(() =>
        {
            Whole(bytes, output);
            Growing(bytes, step);
        }, times: 3));
    }

    private static void Whole(byte[] bytes, FixedWriter output)
    {
        output.Clear();
        var parser = new HandshakeParser(HandshakeLimits.Default);
        if (parser.Parse(bytes, out _) != OperationStatus.Done)
        {
            if (parser.Error != HandshakeError.None)
            {
                HandshakeResponse.WriteRefusal(output, parser.Error);
            }

            return;
        }

        HandshakeRequest request = parser.GetRequest(bytes);
        HandshakeError error = HandshakeRules.Check(in request);
        Span<byte> scratch = stackalloc byte[DeviceIdentity.ScratchLength(HandshakeLimits.Default)];
        var identity = DeviceIdentity.Read(in request, scratch, 7);
        if (identity.DeviceId.IsEmpty || identity.ClientId.IsEmpty)
        {
            throw new InvalidOperationException("There is always an id.");
        }

        if (error == HandshakeError.None)
        {
            HandshakeResponse.WriteAccept(output, request.WebSocketKey);
        }
        else
        {
            HandshakeResponse.WriteRefusal(output, error, HandshakeRules.IsHead(in request));
        }
    }

    private static void Growing(byte[] bytes, int step)
    {
        var parser = new HandshakeParser(HandshakeLimits.Default);
        for (int length = 0; length < bytes.Length; length += step)
        {
            parser.Parse(bytes.AsSpan(0, length), out _);
        }
    }

    private sealed class FixedWriter : IBufferWriter<byte>
    {
        private readonly byte[] _buffer = new byte[1024];
        private int _written;

        public void Clear() => _written = 0;

        public void Advance(int count) => _written += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.AsMemory(_written);

        public Span<byte> GetSpan(int sizeHint = 0) => _buffer.AsSpan(_written);
    }
}
