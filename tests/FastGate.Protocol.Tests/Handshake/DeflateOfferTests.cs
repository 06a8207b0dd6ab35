using System.Buffers;
using System.Text;
using FastGate.Protocol.Handshake;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>Offers in <c>Sec-WebSocket-Extensions</c>: accepted, declined, and headers that make the handshake fail.</summary>
public sealed class DeflateOfferTests
{
    [Theory]
    // Accepted (RFC 7692 sections 7.1.1 and 7.1.2).
    [InlineData("permessage-deflate", 15)]
    [InlineData(" permessage-deflate ;\tclient_max_window_bits ", 15)]
    [InlineData("permessage-deflate; client_max_window_bits=\"15\"", 15)]
    [InlineData("permessage-deflate; server_no_context_takeover; client_no_context_takeover", 15)]
    [InlineData("permessage-deflate; server_max_window_bits=10", 10)]
    [InlineData("permessage-deflate; server_max_window_bits=\"8\"; client_max_window_bits", 8)]
    [InlineData("permessage-deflate; server_max_window_bits = 15", 15)]
    [InlineData("permessage-deflate; client_max_window_bits=8", 15)]
    [InlineData("permessage-deflate; server_max_window_bits=\"\\1\\0\"", 10)]
    [InlineData("permessage-deflate; client_max_window_bits=9, permessage-deflate; server_max_window_bits=10", 15)]
    // The first that can be accepted.
    [InlineData("x-webkit-deflate-frame, permessage-deflate", 15)]
    [InlineData("permessage-bzip2; level=9, permessage-deflate; server_max_window_bits=9", 9)]
    [InlineData("permessage-deflate; server_max_window_bits=16, permessage-deflate; server_max_window_bits=11", 11)]
    [InlineData("permessage-deflate; server_max_window_bits=9, permessage-deflate", 9)]
    [InlineData(",, permessage-deflate,", 15)]
    // Declined: unknown, repeated, without a value, with one, out of range.
    [InlineData("permessage-deflate; unknown", 0)]
    [InlineData("permessage-deflate; unknown=1", 0)]
    [InlineData("permessage-deflate; server_no_context_takeover; server_no_context_takeover", 0)]
    [InlineData("permessage-deflate; server_max_window_bits=9; server_max_window_bits=9", 0)]
    [InlineData("permessage-deflate; client_max_window_bits; client_max_window_bits=9", 0)]
    [InlineData("permessage-deflate; server_no_context_takeover=true", 0)]
    [InlineData("permessage-deflate; client_no_context_takeover=1", 0)]
    [InlineData("permessage-deflate; server_max_window_bits", 0)]
    [InlineData("permessage-deflate; server_max_window_bits=7", 0)]
    [InlineData("permessage-deflate; server_max_window_bits=16", 0)]
    [InlineData("permessage-deflate; server_max_window_bits=08", 0)]
    [InlineData("permessage-deflate; server_max_window_bits=+9", 0)]
    [InlineData("permessage-deflate; server_max_window_bits=100", 0)]
    [InlineData("permessage-deflate; client_max_window_bits=7", 0)]
    [InlineData("permessage-deflate; client_max_window_bits=16", 0)]
    [InlineData("permessage-deflate; client_max_window_bits=x", 0)]
    [InlineData("Permessage-Deflate", 0)]
    [InlineData("permessage-deflate; Server_Max_Window_Bits=9", 0)]
    [InlineData("permessage-deflate-x", 0)]
    [InlineData("x; permessage-deflate", 0)]
    // Not the grammar of RFC 6455 section 9.1.
    [InlineData("", -1)]
    [InlineData(" , ", -1)]
    [InlineData(";", -1)]
    [InlineData("permessage-deflate;", -1)]
    [InlineData("permessage-deflate; ;client_max_window_bits", -1)]
    [InlineData("permessage-deflate client_max_window_bits", -1)]
    [InlineData("permessage-deflate; server_max_window_bits=", -1)]
    [InlineData("permessage-deflate; server_max_window_bits=\"9", -1)]
    [InlineData("permessage-deflate; server_max_window_bits=\"\"", -1)]
    [InlineData("permessage-deflate; server_max_window_bits=\"1 0\"", -1)]
    [InlineData("permessage-deflate; server_max_window_bits=\"9\\\"", -1)]
    [InlineData("permessage-deflate; server_max_window_bits=\"9\\", -1)]
    [InlineData("permessage-deflate; server_max_window_bits=\"9\"9", -1)]
    [InlineData("permessage-deflate; =9", -1)]
    [InlineData("permessage-deflate; server_max_window_bits=9=9", -1)]
    [InlineData("permessage-deflate, (comment)", -1)]
    [InlineData("\"permessage-deflate\"", -1)]
    public void Line_gives_window_bits_or_fails(string line, int expected)
    {
        byte[] bytes = Requests.Bytes(line);
        DeflateTerms terms = default;
        bool isRead = false;

        Assert.Equal(0, Allocations.Of(
            () =>
            {
                terms = default;
                isRead = DeflateOffer.TryRead(bytes, ref terms);
            },
            times: 3));
        Assert.Equal(expected >= 0, isRead);
        if (isRead)
        {
            Assert.Equal(expected, terms.WindowBits);
        }
    }

    [Theory]
    [InlineData("permessage-deflate", "")]
    [InlineData("permessage-deflate; client_max_window_bits", "")]
    [InlineData("permessage-deflate; server_max_window_bits=15", "; server_max_window_bits=15")]
    [InlineData("permessage-deflate; server_max_window_bits=8", "; server_max_window_bits=8")]
    [InlineData("permessage-deflate; client_max_window_bits=\"10\"", "; client_max_window_bits=10")]
    [InlineData("permessage-deflate; client_max_window_bits=9; server_max_window_bits=12", "; server_max_window_bits=12; client_max_window_bits=9")]
    [InlineData("permessage-deflate; client_max_window_bits=9; x, permessage-deflate; server_max_window_bits=7, permessage-deflate", "")]
    public void Answer_names_what_was_offered(string line, string expected)
    {
        DeflateTerms terms = default;
        Assert.True(DeflateOffer.TryRead(Requests.Bytes(line), ref terms));
        var output = new ArrayBufferWriter<byte>();

        HandshakeResponse.WriteAccept(output, "dGhlIHNhbXBsZSBub25jZQ=="u8, terms);

        string answer = Encoding.ASCII.GetString(output.WrittenSpan);
        Assert.EndsWith(
            $"\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover{expected}\r\n\r\n",
            answer,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate\r\n", 15)]
    [InlineData("Sec-WebSocket-Extensions: x\r\nsec-websocket-extensions: permessage-deflate; server_max_window_bits=9\r\n", 9)]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\nSec-WebSocket-Extensions: permessage-deflate\r\n", 9)]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Extensions: ;\r\n", -1)]
    public void Several_lines_are_one_list(string headers, int expected)
    {
        byte[] bytes = Requests.Bytes($"GET / HTTP/1.1\r\n{headers}{Requests.Upgrade}\r\n");
        var parser = new HandshakeParser(HandshakeLimits.Default);
        Assert.Equal(OperationStatus.Done, parser.Parse(bytes, out _));

        Assert.Equal(expected >= 0, DeflateOffer.TryRead(parser.GetRequest(bytes), out DeflateTerms terms));
        Assert.Equal(Math.Max(expected, 0), terms.WindowBits);
    }
}
