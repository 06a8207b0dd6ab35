using System.Buffers;
using System.Text;
using FastGate.Protocol.Handshake;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>All results of a parse, comparable by value.</summary>
/// <param name="Status">The last status.</param>
/// <param name="Consumed">The last consumed.</param>
/// <param name="Error">The error of the parser, or of the rules when Done.</param>
/// <param name="Fields">Every field of the request when Done.</param>
internal sealed record ParseResult(OperationStatus Status, int Consumed, HandshakeError Error, string Fields)
{
    public static ParseResult Of(string request, HandshakeLimits? limits = null) => Of(Requests.Bytes(request), limits);

    public static ParseResult Of(byte[] request, HandshakeLimits? limits = null) =>
        Of(new SplitBytesCase("whole", [request]), limits);

    /// <summary>Feeds the pieces as a connection does, until the result is final.</summary>
    public static ParseResult Of(SplitBytesCase pieces, HandshakeLimits? limits = null)
    {
        var parser = new HandshakeParser(limits ?? HandshakeLimits.Default);
        OperationStatus status = OperationStatus.NeedMoreData;
        foreach (ReadOnlyMemory<byte> received in pieces.Growing())
        {
            status = parser.Parse(received.Span, out int consumed);
            if (status == OperationStatus.NeedMoreData)
            {
                Assert.Equal(0, consumed);
                Assert.Equal(HandshakeError.None, parser.Error);
                continue;
            }

            // A final result does not change.
            Assert.Equal(status, parser.Parse(received.Span, out int again));
            Assert.Equal(consumed, again);
            if (status == OperationStatus.InvalidData)
            {
                Assert.Equal(0, consumed);
                Assert.NotEqual(HandshakeError.None, parser.Error);
                return new ParseResult(status, 0, parser.Error, "");
            }

            HandshakeRequest request = parser.GetRequest(received.Span);
            return new ParseResult(status, consumed, HandshakeRules.Check(in request), Describe(in request));
        }

        return new ParseResult(status, 0, HandshakeError.None, "");
    }

    private static string Describe(in HandshakeRequest request)
    {
        var text = new StringBuilder();
        Add(text, request.Method);
        Add(text, request.Target);
        Add(text, request.Query);
        text.Append(request.MinorVersion).Append('|');
        for (KnownHeader header = KnownHeader.Host; header < KnownHeader.Unknown; header++)
        {
            if (request.Has(header))
            {
                text.Append(header).Append(request.IsRepeated(header) ? "*=" : "=");
                Add(text, request.Header(header));
            }
        }

        int count = 0;
        HeaderLineReader lines = request.Lines;
        while (lines.Read())
        {
            Add(text, lines.Name);
            count++;
        }

        return text.Append(count).ToString();
    }

    private static void Add(StringBuilder text, ReadOnlySpan<byte> value) => text.Append(Requests.Text(value)).Append('|');
}
