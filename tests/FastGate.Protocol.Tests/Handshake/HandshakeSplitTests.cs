using System.Buffers;
using FastGate.Protocol.Handshake;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>How a request is cut never changes what comes of it.</summary>
public class HandshakeSplitTests
{
    public static TheoryData<string> GoodRequests => [.. Requests.Good];

    // Those that only a large limit refuses are cut in HandshakeLimitTests, with small limits.
    public static TheoryData<string> BadRequests =>
        [.. RefusalTable.Malformed.Where(row => row.Request.Length < 1_500).Select(row => row.Request)];

    [Theory]
    [MemberData(nameof(GoodRequests))]
    public void Every_cut_of_a_good_request_equals_the_whole(string text)
    {
        // Frames behind it stay frames.
        byte[] bytes = Requests.Bytes(text + "\u0081\u0082\r\n\r\nGET");
        var whole = ParseResult.Of(bytes);
        Assert.Equal(OperationStatus.Done, whole.Status);
        Assert.Equal(text.Length, whole.Consumed);
        foreach (SplitBytesCase split in SplitBytes.Of(bytes))
        {
            AssertSame(whole, ParseResult.Of(split), split);
        }
    }

    [Theory]
    [MemberData(nameof(BadRequests))]
    public void Every_cut_of_a_bad_request_gives_the_same_refusal(string text)
    {
        byte[] bytes = Requests.Bytes(text);
        var whole = ParseResult.Of(bytes);
        Assert.Equal(OperationStatus.InvalidData, whole.Status);
        foreach (SplitBytesCase split in SplitBytes.Of(bytes))
        {
            AssertSame(whole, ParseResult.Of(split), split);
        }
    }

    [Theory]
    [MemberData(nameof(GoodRequests))]
    public void Every_prefix_of_a_good_request_needs_more(string text)
    {
        byte[] bytes = Requests.Bytes(text);
        for (int length = 0; length < bytes.Length; length++)
        {
            var parser = new HandshakeParser(HandshakeLimits.Default);
            Assert.Equal(OperationStatus.NeedMoreData, parser.Parse(bytes.AsSpan(0, length), out int consumed));
            Assert.Equal(0, consumed);
        }
    }

    [Theory]
    [MemberData(nameof(BadRequests))]
    public void A_bad_request_fails_at_the_first_byte_that_makes_it_bad(string text)
    {
        // The shortest prefix that fails must be the same whether it came whole or grew: no verdict waits for a line's end.
        byte[] bytes = Requests.Bytes(text);
        int shortest = Enumerable.Range(0, bytes.Length + 1)
            .First(length => ParseResult.Of(bytes[..length]).Status == OperationStatus.InvalidData);
        var parser = new HandshakeParser(HandshakeLimits.Default);
        int failed = Enumerable.Range(0, bytes.Length + 1)
            .First(length => parser.Parse(bytes.AsSpan(0, length), out _) == OperationStatus.InvalidData);
        Assert.Equal(shortest, failed);
    }

    [Fact]
    public void A_long_request_in_single_bytes_costs_no_more_than_its_length()
    {
        // Not a timing: 60 KB a byte at a time, rescanned from 0, would be 1.8 billion bytes looked at.
        var limits = new HandshakeLimits(30_000, 30_000, 1_000);
        string text = "GET /" + new string('a', 29_000) + " HTTP/1.1\r\nX: " + new string('b', 20_000) + "\r\n"
            + string.Concat(Enumerable.Repeat("Y:\r\n", 900)) + "\r\n";
        byte[] bytes = Requests.Bytes(text);
        var parser = new HandshakeParser(limits);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(OperationStatus.NeedMoreData, parser.Parse(bytes.AsSpan(0, length), out _));
        }

        Assert.Equal(OperationStatus.Done, parser.Parse(bytes, out _));
    }

    [Fact]
    public void Any_byte_anywhere_in_a_request_line_is_judged_alike_whole_and_byte_by_byte()
    {
        // Long enough behind the line that it is taken by vectors when it comes whole.
        byte[] bytes = Requests.Bytes("GET /xiaozhi/v1/?device-id=94%3Aa9%3A90%3A2b%3Ade%3Afc&client-id=7b94d69a HTTP/1.1\r\nHost: 192.168.1.25\r\n"
            + "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept-Language: en-US,en;q=0.9\r\n\r\n");
        int lineLength = bytes.AsSpan().IndexOf("Host"u8);
        for (int i = 0; i < lineLength; i++)
        {
            byte right = bytes[i];
            for (int value = 0; value <= byte.MaxValue; value++)
            {
                bytes[i] = (byte)value;
                SplitBytesCase pieces = SplitBytes.Pieces(bytes, "byte by byte", static _ => 1);
                Assert.True(ParseResult.Of(bytes) == ParseResult.Of(pieces), $"Byte {value:X2} at {i}.");
            }

            bytes[i] = right;
        }
    }

    private static void AssertSame(ParseResult expected, ParseResult actual, SplitBytesCase split) =>
        Assert.True(expected == actual, $"{split}: expected {expected}, was {actual}");
}
