using System.Buffers;
using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Tests.Handshake;

/// <summary>Each row of the refusal table, through parser and rules.</summary>
public class HandshakeRefusalTests
{
    public static TheoryData<string> MalformedClauses => [.. RefusalTable.Malformed.Select(row => row.Clause)];

    public static TheoryData<string> WellFormedClauses => [.. RefusalTable.WellFormed.Select(row => row.Clause)];

    public static TheoryData<string> AcceptedClauses => [.. RefusalTable.Accepted.Select(row => row.Clause)];

    [Theory]
    [MemberData(nameof(MalformedClauses))]
    public void Malformed_bytes_are_refused(string clause)
    {
        RefusalRow row = RefusalTable.Malformed.Single(row => row.Clause == clause);
        var result = ParseResult.Of(row.Request);
        Assert.Equal(OperationStatus.InvalidData, result.Status);
        Assert.Equal(row.Error, result.Error);
        Assert.Equal(row.Status, result.Error.HttpStatus());
    }

    [Theory]
    [MemberData(nameof(WellFormedClauses))]
    public void Well_formed_request_gets_the_response_of_the_table(string clause)
    {
        RefusalRow row = RefusalTable.WellFormed.Single(row => row.Clause == clause);
        var result = ParseResult.Of(row.Request);
        Assert.Equal(OperationStatus.Done, result.Status);
        Assert.Equal(row.Error, result.Error);
        Assert.Equal(row.Status, result.Error.HttpStatus());
    }

    [Theory]
    [MemberData(nameof(AcceptedClauses))]
    public void Unusual_but_valid_request_is_upgraded(string clause)
    {
        var result = ParseResult.Of(RefusalTable.Accepted.Single(row => row.Clause == clause).Request);
        Assert.Equal(OperationStatus.Done, result.Status);
        Assert.Equal(HandshakeError.None, result.Error);
    }

    [Theory]
    [InlineData("\u0016", HandshakeError.TlsClientHello)]
    [InlineData("\u0003", HandshakeError.UnknownProtocol)]
    [InlineData("\0", HandshakeError.UnknownProtocol)]
    [InlineData("\n", HandshakeError.UnknownProtocol)]
    [InlineData("\rG", HandshakeError.BareCarriageReturn)]
    [InlineData("\r\n\0", HandshakeError.UnknownProtocol)]
    [InlineData("\r\n\r\n\r\n\r\n\r", HandshakeError.MalformedRequestLine)]
    [InlineData("SSH-", HandshakeError.UnknownProtocol)]
    [InlineData("PRI ", HandshakeError.Http2Preface)]
    [InlineData("PROXY ", HandshakeError.ProxyHeader)]
    [InlineData("GET / HTTP/2", HandshakeError.UnsupportedHttpVersion)]
    [InlineData("GET / HTTP/1.1\r\nHost ", HandshakeError.SpaceBeforeColon)]
    [InlineData("GET / HTTP/1.1\r\nX: \0", HandshakeError.ControlCharacter)]
    public void Other_protocol_is_refused_at_its_first_invalid_byte(string text, HandshakeError error)
    {
        Assert.Equal(error, ParseResult.Of(text).Error);
        Assert.Equal(OperationStatus.NeedMoreData, ParseResult.Of(text[..^1]).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PROX")]
    [InlineData("PR")]
    [InlineData("SSH")]
    [InlineData("\r")]
    [InlineData("\r\n")]
    [InlineData("\r\n\r\n\r\n\r\n")]
    [InlineData("\r\nGE")]
    public void Possible_start_of_a_request_needs_more_data(string text) =>
        Assert.Equal(OperationStatus.NeedMoreData, ParseResult.Of(text).Status);

    [Fact]
    public void Every_error_has_a_status_and_a_reason()
    {
        foreach (HandshakeError error in Enum.GetValues<HandshakeError>())
        {
            Assert.InRange(error.HttpStatus(), 101, 505);
            ReadOnlySpan<byte> reason = error.Reason();
            Assert.False(reason.IsEmpty);
            Assert.False(reason.ContainsAnyExceptInRange((byte)' ', (byte)'~'));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => ((HandshakeError)255).HttpStatus());
        Assert.Throws<ArgumentOutOfRangeException>(() => ((HandshakeError)255).Reason().Length);
    }
}
