using System.Buffers;
using FastGate.Protocol.Handshake;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>The result never depends on how a request is cut.</summary>
public class HandshakeSplitTests
{
    public static TheoryData<string> GoodRequests => [.. Requests.Good];

    // HandshakeLimitTests cuts the requests that are above a limit, with small limits.
    public static TheoryData<string> BadRequests =>
        [.. RefusalTable.Malformed.Where(row => row.Request.Length < 1_500).Select(row => row.Request)];

    [Theory]
    [MemberData(nameof(GoodRequests))]
    public void Valid_request_gives_the_same_result_for_every_cut(string text)
    {
        // Bytes after the request are not consumed.
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
    public void Invalid_request_gives_the_same_error_for_every_cut(string text)
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
    public void Every_prefix_of_a_valid_request_needs_more_data(string text)
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
    public void Invalid_request_fails_at_its_first_invalid_byte(string text)
    {
        // The shortest invalid prefix must be the same whole and byte by byte: no error waits for the end of a line.
        byte[] bytes = Requests.Bytes(text);
        int shortest = Enumerable.Range(0, bytes.Length + 1)
            .First(length => ParseResult.Of(bytes[..length]).Status == OperationStatus.InvalidData);
        var parser = new HandshakeParser(HandshakeLimits.Default);
        int failed = Enumerable.Range(0, bytes.Length + 1)
            .First(length => parser.Parse(bytes.AsSpan(0, length), out _) == OperationStatus.InvalidData);
        Assert.Equal(shortest, failed);
    }

    [Fact]
    public void Long_request_byte_by_byte_is_parsed_in_linear_time()
    {
        // Measures no time, but a parser that scans 60 KB from the start for each byte would examine 1.8 billion bytes.
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
    public void Request_line_with_any_byte_replaced_gives_the_same_result_whole_and_byte_by_byte()
    {
        // Enough bytes follow the line that the vector path parses it when it arrives whole.
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
