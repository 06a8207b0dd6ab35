using System.Buffers;
using FastGate.Protocol.Handshake;
using FastGate.Testing;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>A request at a limit is accepted and one above it is refused, for every cut.</summary>
public class HandshakeLimitTests
{
    private static readonly HandshakeLimits s_limits = new(40, 100, 3);

    public static TheoryData<int, int, int, HandshakeError> AtAndAboveLimits => new()
    {
        { 40, 100, 3, HandshakeError.NotUpgrade },
        { 41, 100, 3, HandshakeError.RequestLineTooLong },
        { 42, 100, 3, HandshakeError.RequestLineTooLong },
        { 43, 100, 3, HandshakeError.RequestLineTooLong },
        { 200, 100, 3, HandshakeError.RequestLineTooLong },
        { 40, 99, 3, HandshakeError.NotUpgrade },
        { 40, 101, 3, HandshakeError.HeadersTooLarge },
        { 40, 102, 3, HandshakeError.HeadersTooLarge },
        { 40, 300, 3, HandshakeError.HeadersTooLarge },
        { 40, 100, 4, HandshakeError.TooManyHeaders },
        { 40, 100, 5, HandshakeError.TooManyHeaders },
        { 41, 101, 4, HandshakeError.RequestLineTooLong },
    };

    [Theory]
    [MemberData(nameof(AtAndAboveLimits))]
    public void Limits_are_inclusive(int line, int headers, int count, HandshakeError error)
    {
        byte[] bytes = Requests.Bytes(Request(line, headers, count));
        foreach (SplitBytesCase split in SplitBytes.Of(bytes))
        {
            Assert.Equal(error, ParseResult.Of(split, s_limits).Error);
        }
    }

    [Theory]
    [InlineData(2048, 8192, 64, HandshakeError.NotUpgrade)]
    [InlineData(2049, 8192, 64, HandshakeError.RequestLineTooLong)]
    [InlineData(2048, 8193, 64, HandshakeError.HeadersTooLarge)]
    [InlineData(2048, 8192, 65, HandshakeError.TooManyHeaders)]
    public void Defaults_equal_those_of_the_options(int line, int headers, int count, HandshakeError error)
    {
        Assert.Equal(error, ParseResult.Of(Request(line, headers, count)).Error);
        Assert.Equal(2048 + 2 + 8192, HandshakeLimits.Default.Total);
    }

    [Fact]
    public void Request_fails_as_soon_as_it_exceeds_a_limit()
    {
        // Endless input that is otherwise valid fails within two bytes of its limit.
        AssertFailsWithin("GET /" + new string('a', 500), s_limits.RequestLine + 3, HandshakeError.RequestLineTooLong);
        AssertFailsWithin("GET / HTTP/1.1\r\n" + new string('a', 500), 16 + s_limits.Headers + 1, HandshakeError.HeadersTooLarge);
        AssertFailsWithin("GET / HTTP/1.1\r\na:" + new string('b', 500), 16 + s_limits.Headers + 1, HandshakeError.HeadersTooLarge);
        AssertFailsWithin("GET / HTTP/1.1\r\na:\r\nb:\r\nc:\r\nd:\r\n", 16 + 13, HandshakeError.TooManyHeaders);
    }

    [Fact]
    public void Largest_limits_are_supported()
    {
        var limits = new HandshakeLimits(HandshakeLimits.MaxTotal / 2, HandshakeLimits.MaxTotal / 2, 60_000);
        string text = Request(limits.RequestLine, limits.Headers, 5_000);
        var result = ParseResult.Of(text, limits);
        Assert.Equal(OperationStatus.Done, result.Status);
        Assert.Equal(text.Length, result.Consumed);
    }

    private static void AssertFailsWithin(string text, int length, HandshakeError error)
    {
        Assert.Equal(error, ParseResult.Of(text[..length], s_limits).Error);
        Assert.Equal(OperationStatus.NeedMoreData, ParseResult.Of(text[..(length - 1)], s_limits).Status);
    }

    // A plain GET with exactly these lengths of request line and headers (blank line included) and this number of headers.
    private static string Request(int line, int headers, int count)
    {
        string lines = string.Concat(Enumerable.Repeat("a:\r\n", count - 1));
        string last = "b:" + new string('x', headers - lines.Length - "b:\r\n\r\n".Length) + "\r\n";
        return "GET /" + new string('p', line - "GET / HTTP/1.1".Length) + " HTTP/1.1\r\n" + lines + last + "\r\n";
    }
}
