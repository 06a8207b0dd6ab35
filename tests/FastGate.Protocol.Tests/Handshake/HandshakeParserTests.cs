using System.Buffers;
using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Tests.Handshake;

public class HandshakeParserTests
{
    [Fact]
    public void Request_of_firmware_has_all_fields()
    {
        byte[] bytes = Requests.Bytes(Requests.Esp32 + "\u0081\u0085frame");
        var parser = new HandshakeParser(HandshakeLimits.Default);

        Assert.Equal(OperationStatus.Done, parser.Parse(bytes, out int consumed));
        Assert.Equal(Requests.Esp32.Length, consumed);

        HandshakeRequest request = parser.GetRequest(bytes);
        Assert.Equal("GET", Requests.Text(request.Method));
        Assert.Equal("/xiaozhi/v1/", Requests.Text(request.Target));
        Assert.True(request.Query.IsEmpty);
        Assert.Equal(1, request.MinorVersion);
        Assert.Equal("192.168.1.25", Requests.Text(request.Header(KnownHeader.Host)));
        Assert.Equal("websocket", Requests.Text(request.Header(KnownHeader.Upgrade)));
        Assert.Equal("Upgrade", Requests.Text(request.Header(KnownHeader.Connection)));
        Assert.Equal(Requests.Key, Requests.Text(request.WebSocketKey));
        Assert.Equal("13", Requests.Text(request.Header(KnownHeader.WebSocketVersion)));
        Assert.Equal("Bearer test-token", Requests.Text(request.Authorization));
        Assert.Equal("1", Requests.Text(request.Header(KnownHeader.ProtocolVersion)));
        Assert.Equal("94:a9:90:2b:de:fc", Requests.Text(request.Header(KnownHeader.DeviceId)));
        Assert.Equal("7b94d69a-9808-4c59-9c9b-704333b38aff", Requests.Text(request.Header(KnownHeader.ClientId)));
        Assert.Equal(9, Lines(request).Count);
    }

    [Fact]
    public void Request_of_mqtt_gateway_has_its_fields()
    {
        byte[] bytes = Requests.Bytes(Requests.MqttGateway);
        var parser = new HandshakeParser(HandshakeLimits.Default);
        Assert.Equal(OperationStatus.Done, parser.Parse(bytes, out _));
        HandshakeRequest request = parser.GetRequest(bytes);
        Assert.Equal("10.0.0.7, 10.0.0.1", Requests.Text(request.XForwardedFor));
        Assert.Equal("from=mqtt_gateway", Requests.Text(request.Query));
    }

    [Fact]
    public void Header_names_are_listed_in_order()
    {
        byte[] bytes = Requests.Bytes("GET / HTTP/1.1\r\nHost: h\r\nX-Thing: 1\r\nAuthorization: Bearer s\r\nx-thing:2\r\n\r\n");
        var parser = new HandshakeParser(HandshakeLimits.Default);
        Assert.Equal(OperationStatus.Done, parser.Parse(bytes, out _));
        Assert.Equal(["Host", "X-Thing", "Authorization", "x-thing"], Lines(parser.GetRequest(bytes)).Select(static line => line.Name));
    }

    [Theory]
    [InlineData("GET /a?b=c HTTP/1.1\r\nHost: h\r\nDevi ce: 1\r\n\r\n", "/a?b=c", "Host")]
    [InlineData("GET /a?b=\u0001 HTTP/1.1\r\n", "/a?b=", "")]
    [InlineData("\u0016\u0003\u0001", "", "")]
    [InlineData("GET /a HTT", "/a", "")]
    public void Refused_or_incomplete_request_has_the_fields_parsed_so_far(string text, string target, string names)
    {
        byte[] bytes = Requests.Bytes(text);
        var parser = new HandshakeParser(HandshakeLimits.Default);
        Assert.NotEqual(OperationStatus.Done, parser.Parse(bytes, out _));
        HandshakeRequest request = parser.GetRequest(bytes);
        Assert.Equal(target, Requests.Text(request.Target));
        Assert.Equal(names, string.Concat(Lines(request).Select(static line => line.Name)));
    }

    [Theory]
    [InlineData("GET /p?q=1 HTTP/1.1", "q=1")]
    [InlineData("GET /p? HTTP/1.1", "")]
    [InlineData("GET /?a?b HTTP/1.1", "a?b")]
    [InlineData("GET http://h:8000/p?q HTTP/1.1", "q")]
    [InlineData("GET ws://h HTTP/1.1", "")]
    [InlineData("GET ws://h?q=1 HTTP/1.1", "q=1")]
    [InlineData("GET //h/p HTTP/1.1", "")]
    [InlineData("OPTIONS * HTTP/1.1", "")]
    [InlineData("CONNECT h:443 HTTP/1.1", "")]
    public void Query_is_the_part_of_the_target_after_the_first_question_mark(string line, string query)
    {
        byte[] bytes = Requests.Bytes(line + "\r\n\r\n");
        var parser = new HandshakeParser(HandshakeLimits.Default);
        Assert.Equal(OperationStatus.Done, parser.Parse(bytes, out _));
        HandshakeRequest request = parser.GetRequest(bytes);
        Assert.Equal(query, Requests.Text(request.Query));
    }

    [Theory]
    [InlineData("Device-Id:a", "a")]
    [InlineData("DEVICE-ID: a", "a")]
    [InlineData("dEvIcE-iD:\t a \t", "a")]
    [InlineData("device-id:", "")]
    [InlineData("device-id:   ", "")]
    [InlineData("device-id: a b", "a b")]
    [InlineData("device-id: a\tb", "a\tb")]
    [InlineData("device-id: \u00E9\u00FF\u0080", "\u00E9\u00FF\u0080")]
    [InlineData("device-id: a:b::c", "a:b::c")]
    public void Names_are_case_insensitive_and_values_are_trimmed(string line, string value)
    {
        foreach (string? more in new[] { "", "X: y\r\n" })
        {
            byte[] bytes = Requests.Bytes("GET / HTTP/1.1\r\n" + line + "\r\n" + more + "\r\n");
            var parser = new HandshakeParser(HandshakeLimits.Default);
            Assert.Equal(OperationStatus.Done, parser.Parse(bytes, out _));
            HandshakeRequest request = parser.GetRequest(bytes);
            Assert.Equal(value, Requests.Text(request.Header(KnownHeader.DeviceId)));
            Assert.True(request.Has(KnownHeader.DeviceId));
        }
    }

    [Fact]
    public void First_value_of_a_repeated_header_is_kept()
    {
        byte[] bytes = Requests.Bytes("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nHost: c\r\n\r\n");
        var parser = new HandshakeParser(HandshakeLimits.Default);
        Assert.Equal(OperationStatus.Done, parser.Parse(bytes, out _));
        HandshakeRequest request = parser.GetRequest(bytes);
        Assert.Equal("a", Requests.Text(request.Header(KnownHeader.Host)));
        Assert.True(request.IsRepeated(KnownHeader.Host));
        Assert.Equal(["a", "b", "c"], Lines(request).Select(static line => line.Value));
    }

    [Theory]
    [InlineData(15, 100, 1)]
    [InlineData(16, 1, 1)]
    [InlineData(16, 2, 0)]
    [InlineData(60_000, 60_000, 1)]
    [InlineData(int.MaxValue, int.MaxValue, 1)]
    public void Constructor_throws_for_limits_out_of_range(int line, int headers, int count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HandshakeParser(new HandshakeLimits(line, headers, count)));

    [Fact]
    public void Default_parser_refuses_everything()
    {
        var parser = default(HandshakeParser);
        Assert.Equal(OperationStatus.InvalidData, parser.Parse(Requests.Bytes(Requests.Esp32), out _));
    }

    private static List<(string Name, string Value)> Lines(in HandshakeRequest request)
    {
        List<(string, string)> all = [];
        HeaderLineReader lines = request.Lines;
        while (lines.Read())
        {
            all.Add((Requests.Text(lines.Name), Requests.Text(lines.Value)));
        }

        return all;
    }
}
