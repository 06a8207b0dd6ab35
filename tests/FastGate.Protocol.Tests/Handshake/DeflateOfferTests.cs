using System.Buffers;
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
    [InlineData("permessage-deflate; client_max_window_bits=8", 0)]
    [InlineData("permessage-deflate; client_max_window_bits=9, permessage-deflate; client_max_window_bits", 15)]
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
    [InlineData("permessage-deflate; =9", -1)]
    [InlineData("permessage-deflate; server_max_window_bits=9=9", -1)]
    [InlineData("permessage-deflate, (comment)", -1)]
    [InlineData("\"permessage-deflate\"", -1)]
    public void Line_gives_window_bits_or_fails(string line, int expected)
    {
        byte[] bytes = Requests.Bytes(line);
        int windowBits = 0;
        bool isRead = false;

        Assert.Equal(0, Allocations.Of(
            () =>
            {
                windowBits = 0;
                isRead = DeflateOffer.TryRead(bytes, ref windowBits);
            },
            times: 3));
        Assert.Equal(expected >= 0, isRead);
        if (isRead)
        {
            Assert.Equal(expected, windowBits);
        }
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

        Assert.Equal(expected >= 0, DeflateOffer.TryRead(parser.GetRequest(bytes), out int windowBits));
        Assert.Equal(Math.Max(expected, 0), windowBits);
    }
}
