namespace FastGate.Protocol.Tests.Handshake;

/// <summary>The credential, the raw ids that it may be computed over, and other fields of query and headers.</summary>
public class DeviceCredentialTests
{
    [Theory]
    [InlineData(null, "Authorization: Bearer abc.1", "abc.1")]
    [InlineData(null, "authorization: bearer abc", "abc")]
    [InlineData("authorization=Bearer+abc.1", "X: y", "abc.1")]
    [InlineData("authorization=Bearer%20a%2Bb%3D", "X: y", "a+b=")]
    [InlineData("authorization=&authorization=Bearer+b&authorization=Bearer+c", "X: y", "b")]
    [InlineData("authorization=Bearer+q", "Authorization: Bearer h", "h")]
    [InlineData("authorization=Bearer+q", "Authorization: Basic eDp5", "q")]
    [InlineData(null, "Authorization: Bearer", "")]
    [InlineData(null, "Authorization: Bearer  two", " two")]
    [InlineData(null, "Authorization: Bearertoken", "")]
    [InlineData(null, "Authorization: test-token", "")]
    [InlineData("authorization=test-token", "X: y", "")]
    [InlineData("Authorization=Bearer+x", "X: y", "")]
    [InlineData(null, "X: y", "")]
    public void Bearer_token_comes_from_header_or_query(string? query, string header, string token) =>
        Assert.Equal(token, Identities.Of(query, header).Token);

    [Fact]
    public void Raw_ids_are_decoded_but_not_normalised()
    {
        var identity = Identities.Of("device-id=AA%3ABB&client-id=+Web_Test+");
        Assert.Equal("AA:BB", identity.RawDevice);
        Assert.Equal("aa:bb", identity.Device);
        Assert.Equal(" Web_Test ", identity.RawClient);
        Assert.Equal("web_test", identity.Client);
    }

    [Fact]
    public void Raw_header_ids_are_not_decoded()
    {
        var identity = Identities.Of(null, "Device-Id: AA%3ABB+C", "Client-Id: 'X'");
        Assert.Equal("AA%3ABB+C", identity.RawDevice);
        Assert.Equal("aa%3abb+c", identity.Device);
        Assert.Equal("'X'", identity.RawClient);
        Assert.Equal("x", identity.Client);
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("2", 2)]
    [InlineData(" 3 ", 3)]
    [InlineData("0", 1)]
    [InlineData("4", 1)]
    [InlineData("22", 1)]
    [InlineData("", 1)]
    public void Protocol_version_is_1_2_or_3(string value, int version) =>
        Assert.Equal(version, Identities.Of(null, "Protocol-Version: " + value).ProtocolVersion);

    /// <summary>Browsers cannot set the header.</summary>
    [Theory]
    [InlineData("protocol-version=3", null, 3)]
    [InlineData("protocol-version=4", null, 1)]
    [InlineData("Protocol-Version=3", null, 1)]
    [InlineData("protocol-version=3", "Protocol-Version: 2", 2)]
    [InlineData("protocol-version=3", "Protocol-Version: 1", 1)]
    public void Protocol_version_of_the_query_counts_without_the_header(string query, string? header, int version) =>
        Assert.Equal(version, Identities.Of(query, header is null ? [] : [header]).ProtocolVersion);

    [Theory]
    [InlineData("from=mqtt_gateway", true)]
    [InlineData("device-id=a&from=mqtt_gateway&x=y", true)]
    [InlineData("from=mqtt%5Fgateway", true)]
    [InlineData("from=&from=mqtt_gateway", true)]
    [InlineData("from=other&from=mqtt_gateway", false)]
    [InlineData("xfrom=mqtt_gateway", false)]
    [InlineData("from=mqtt_gateway2", false)]
    [InlineData("x?from=mqtt_gateway", false)]
    [InlineData(null, false)]
    public void Mqtt_gateway_is_recognised_by_a_query_key(string? query, bool expected) =>
        Assert.Equal(expected, Identities.Of(query).FromMqttGateway);
}
