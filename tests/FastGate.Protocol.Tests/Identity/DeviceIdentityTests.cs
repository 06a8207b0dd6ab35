using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;
using FastGate.Protocol.Tests.Handshake;

using static FastGate.Protocol.Identity.IdentityOutcome;
using static FastGate.Protocol.Identity.IdentitySource;

namespace FastGate.Protocol.Tests.Identity;

public class DeviceIdentityTests
{
    [Theory]
    [InlineData("device-id=a", "a", QueryDeviceId)]
    [InlineData("device_id=a", "a", QueryDeviceIdUnderscore)]
    [InlineData("device_id=b&device-id=a", "a", QueryDeviceId)]
    [InlineData("x=1&&device-id=a&y", "a", QueryDeviceId)]
    [InlineData("device%2Did=a", "a", QueryDeviceId)]
    [InlineData("device-id=94%3aA9%3A90", "94:a9:90", QueryDeviceId)]
    [InlineData("device-id=a+b%2B", "a b+", QueryDeviceId)]
    [InlineData("device-id=%20%09a+", "a", QueryDeviceId)]
    [InlineData("device-id=%22Ab%22", "ab", QueryDeviceId)]
    [InlineData("device-id='Ab'", "ab", QueryDeviceId)]
    [InlineData("device-id=+%22+Ab+%22+", "ab", QueryDeviceId)]
    [InlineData("device-id=%22%22ab%22%22", "\"ab\"", QueryDeviceId)]
    [InlineData("device-id=%22ab'", "\"ab'", QueryDeviceId)]
    [InlineData("device-id=%22", "\"", QueryDeviceId)]
    [InlineData("device-id=a%zz%4", "a%zz%4", QueryDeviceId)]
    [InlineData("device-id=a=b", "a=b", QueryDeviceId)]
    [InlineData("device-id=&device-id=a&device-id=b", "a", QueryDeviceId)]
    [InlineData("device-id=", "auto-00abcdef", Generated)]
    [InlineData("device-id=%22+%22", "auto-00abcdef", Generated)]
    [InlineData("device-id", "auto-00abcdef", Generated)]
    [InlineData("Device-Id=a", "auto-00abcdef", Generated)]
    [InlineData("device-idx=a", "auto-00abcdef", Generated)]
    [InlineData("client-id=c", "auto-00abcdef", Generated)]
    [InlineData(null, "auto-00abcdef", Generated)]
    [InlineData("", "auto-00abcdef", Generated)]
    [InlineData("device-id=..%2f..%2fetc%2fpasswd", "../../etc/passwd", QueryDeviceId)]
    public void Device_id_comes_from_the_query(string? query, string device, IdentitySource source)
    {
        var identity = Identities.Of(query);
        Assert.Equal(device, identity.Device);
        Assert.Equal(source, identity.DeviceSource);
    }

    [Theory]
    [InlineData("device-id", HeaderDeviceId)]
    [InlineData("DEVICE_ID", HeaderDeviceIdUnderscore)]
    [InlineData("X-Device-Id", HeaderXDeviceId)]
    [InlineData("x-device_id", HeaderXDeviceIdUnderscore)]
    [InlineData("Client-Id", HeaderClientId)]
    [InlineData("client_id", HeaderClientIdUnderscore)]
    [InlineData("x-client-id", HeaderXClientId)]
    [InlineData("X-CLIENT_ID", HeaderXClientIdUnderscore)]
    public void Device_id_comes_from_any_header_variant(string header, IdentitySource source)
    {
        var identity = Identities.Of(null, header + ": \"AA:bB\"");
        Assert.Equal("aa:bb", identity.Device);
        Assert.Equal("\"AA:bB\"", identity.RawDevice);
        Assert.Equal(source, identity.DeviceSource);
        Assert.Equal(Used, identity.Outcomes[source]);
        Assert.Equal("aa:bb", identity.Client);
    }

    [Fact]
    public void Sources_are_used_in_order_of_priority()
    {
        // Each source in turn is the one with the highest priority.
        string[] query = new[] { "device-id=q1", "device_id=q2" };
        string[] headers = new[] { "device-id: h1", "device_id: h2", "x-device-id: h3", "x-device_id: h4", "client-id: c1", "client_id: c2", "x-client-id: c3", "x-client_id: c4" };
        string[] expected = ["q1", "q2", "h1", "h2", "h3", "h4", "c1", "c2", "c3", "c4"];
        for (int first = 0; first < expected.Length; first++)
        {
            // In reverse order, so that position does not matter.
            var identity = Identities.Of(
                string.Join('&', query.Skip(first).Reverse()),
                headers.Skip(Math.Max(0, first - query.Length)).Reverse().ToArray());
            Assert.Equal(expected[first], identity.Device);
        }
    }

    [Theory]
    [InlineData("client-id=Q", "q", "Q", QueryClientId)]
    [InlineData("client_id=Q", "q", "Q", QueryClientIdUnderscore)]
    [InlineData(null, "h", "H", HeaderClientId)]
    public void Client_id_comes_from_the_query_before_a_header(string? query, string client, string raw, IdentitySource source)
    {
        var identity = Identities.Of(query, "Device-Id: D", "Client-Id: H");
        Assert.Equal("d", identity.Device);
        Assert.Equal(client, identity.Client);
        Assert.Equal(raw, identity.RawClient);
        Assert.Equal(source, identity.ClientSource);
    }

    [Fact]
    public void Client_id_defaults_to_the_device_id()
    {
        var identity = Identities.Of("device-id=AA%3ABB");
        Assert.Equal("aa:bb", identity.Client);
        Assert.Equal("AA:BB", identity.RawClient);
        Assert.Equal(IdentitySource.DeviceId, identity.ClientSource);
    }

    [Fact]
    public void Client_id_of_the_query_is_not_used_as_device_id()
    {
        var identity = Identities.Of("client-id=C");
        Assert.Equal("auto-00abcdef", identity.Device);
        Assert.Equal("auto-00abcdef", identity.RawDevice);
        Assert.Equal(Generated, identity.DeviceSource);
        Assert.Equal("c", identity.Client);
    }

    [Fact]
    public void Client_id_header_is_used_as_device_id()
    {
        var identity = Identities.Of("client-id=q", "client-id: h");
        Assert.Equal("h", identity.Device);
        Assert.Equal(HeaderClientId, identity.DeviceSource);
        Assert.Equal("q", identity.Client);
        Assert.Equal(Used, identity.Outcomes[HeaderClientId]);
        Assert.Equal(Used, identity.Outcomes[QueryClientId]);
    }

    [Fact]
    public void Both_ids_are_generated_without_a_source()
    {
        var identity = Identities.Of(null, "Host: h");
        Assert.Equal("auto-00abcdef", identity.Device);
        Assert.Equal("auto-00abcdef", identity.Client);
        Assert.Empty(identity.Outcomes);
        Assert.False(identity.HasDisagreement);
    }

    [Theory]
    [InlineData("device-id=a%0d%0aSet-Cookie:x", BadCharacters)]
    [InlineData("device-id=a%0a", BadCharacters)]
    [InlineData("device-id=%00", BadCharacters)]
    [InlineData("device-id=a%1b%5b31mred", BadCharacters)]
    [InlineData("device-id=a%7f", BadCharacters)]
    [InlineData("device-id=a%09b", BadCharacters)]
    [InlineData("device-id=a%c2%9b31m", BadCharacters)]
    [InlineData("device-id=a%e2%80%ae", BadCharacters)]
    [InlineData("device-id=a%e2%80%a8", BadCharacters)]
    [InlineData("device-id=%ff", BadEncoding)]
    [InlineData("device-id=%c3", BadEncoding)]
    [InlineData("device-id=%ed%a0%80", BadEncoding)]
    [InlineData("device-id=%c0%af", BadEncoding)]
    [InlineData("device-id=", Empty)]
    [InlineData("device-id=++", Empty)]
    [InlineData("device-id=''", Empty)]
    public void Invalid_source_is_skipped_with_its_outcome(string query, IdentityOutcome outcome)
    {
        var identity = Identities.Of(query, "Device-Id: good");
        Assert.Equal("good", identity.Device);
        Assert.Equal(HeaderDeviceId, identity.DeviceSource);
        Assert.Equal(outcome, identity.Outcomes[QueryDeviceId]);
        Assert.Equal(Used, identity.Outcomes[HeaderDeviceId]);
        Assert.False(identity.HasDisagreement);
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    [InlineData(1000, false)]
    public void Id_has_at_most_128_bytes(int length, bool taken)
    {
        string id = new string('A', length);
        foreach (Identities? identity in new[] { Identities.Of("device-id=" + id), Identities.Of(null, "Device-Id: " + id), Identities.Of("device-id=++%22" + id + "%22+") })
        {
            Assert.Equal(taken ? id.ToLowerInvariant() : "auto-00abcdef", identity.Device);
            Assert.Contains(taken ? Used : TooLong, identity.Outcomes.Values);
        }
    }

    [Fact]
    public void Id_is_generated_when_every_source_is_invalid()
    {
        var identity = Identities.Of(
            "device-id=%00&device_id=&client-id=%ff",
            "Device-Id: " + new string('x', 200),
            "X-Device-Id: \u00ff",
            "Client-Id: \"\"");
        Assert.Equal(Generated, identity.DeviceSource);
        Assert.Equal(
            new Dictionary<IdentitySource, IdentityOutcome>
            {
                [QueryDeviceId] = BadCharacters,
                [QueryDeviceIdUnderscore] = Empty,
                [HeaderDeviceId] = TooLong,
                [HeaderXDeviceId] = BadEncoding,
                [QueryClientId] = BadEncoding,
                [HeaderClientId] = Empty,
            },
            identity.Outcomes);
    }

    [Fact]
    public void Outcomes_show_which_sources_agree()
    {
        var identity = Identities.Of(
            "device-id=AA",
            "device-id: aa", "device_id: bb", "x-device-id: 'AA'", "x-device_id: cc", "client-id: one", "x-client_id: two");
        Assert.Equal("aa", identity.Device);
        Assert.True(identity.HasDisagreement);
        Assert.False(identity.RepeatsDisagree);
        Assert.Equal(
            new Dictionary<IdentitySource, IdentityOutcome>
            {
                [QueryDeviceId] = Used,
                [HeaderDeviceId] = Agrees,
                [HeaderDeviceIdUnderscore] = Disagrees,
                [HeaderXDeviceId] = Agrees,
                [HeaderXDeviceIdUnderscore] = Disagrees,
                [HeaderClientId] = Used,
                [HeaderXClientIdUnderscore] = Disagrees,
            },
            identity.Outcomes);
    }

    [Fact]
    public void Query_and_headers_of_the_badge_agree()
    {
        var identity = Identities.OfRequest(Requests.Esp32WithQuery);
        Assert.Equal("94:a9:90:2b:de:fc", identity.Device);
        Assert.Equal("7b94d69a", identity.Client);
        Assert.False(identity.HasDisagreement);
        Assert.Equal(6, identity.Outcomes.Count);
    }

    [Theory]
    [InlineData("device-id=a&device-id=A", "a", false)]
    [InlineData("device-id=a&device-id=b", "a", true)]
    [InlineData("device-id=a&device-id=", "a", false)]
    [InlineData("device-id=%00&device-id=b", "auto-00abcdef", true)]
    public void First_value_of_a_repeated_key_is_used(string query, string device, bool disagrees)
    {
        var identity = Identities.Of(query);
        Assert.Equal(device, identity.Device);
        Assert.Equal(disagrees, identity.RepeatsDisagree);
        Assert.Equal(disagrees, identity.HasDisagreement);
    }

    [Theory]
    [InlineData("a", "A", "a", false)]
    [InlineData("a", "b", "a", true)]
    [InlineData("", "b", "b", false)]
    public void First_value_of_a_repeated_header_is_used(string first, string second, string device, bool disagrees)
    {
        foreach (string? name in new[] { "Device-Id", "Client-Id" })
        {
            var identity = Identities.Of(null, $"{name}: {first}", $"{name}: {second}");
            Assert.Equal(device, identity.Device);
            Assert.Equal(disagrees, identity.RepeatsDisagree);
        }
    }

    [Fact]
    public void Similar_looking_letters_are_different_ids()
    {
        // Cyrillic a, and the Kelvin sign, whose lower case is k in Unicode.
        Assert.Equal(Requests.Text("\u0430"u8), Identities.Of("device-id=%d0%b0").Device);
        Assert.Equal(Requests.Text("\u212A"u8), Identities.Of("device-id=%e2%84%aa").Device);
        Assert.Equal(Requests.Text("\u00C9x"u8), Identities.Of("device-id=%c3%89X").Device);
        Assert.True(Identities.Of("device-id=a&device_id=%d0%b0").HasDisagreement);
    }

    [Fact]
    public void Read_one_reads_a_single_source()
    {
        byte[] bytes = Requests.Bytes("GET /?device-id=A&client_id=%00 HTTP/1.1\r\nX-Device-Id: 'B'\r\nclient-id: C\r\n\r\n");
        var parser = new HandshakeParser(HandshakeLimits.Default);
        parser.Parse(bytes, out _);
        HandshakeRequest request = parser.GetRequest(bytes);
        byte[] scratch = new byte[DeviceIdentity.ScratchLength(HandshakeLimits.Default)];
        Assert.Equal("a", DeviceIdentity.ReadOne(in request, scratch, QueryDeviceId));
        Assert.Equal("b", DeviceIdentity.ReadOne(in request, scratch, HeaderXDeviceId));
        Assert.Equal("c", DeviceIdentity.ReadOne(in request, scratch, HeaderClientId));
        Assert.Null(DeviceIdentity.ReadOne(in request, scratch, QueryClientIdUnderscore));
        Assert.Null(DeviceIdentity.ReadOne(in request, scratch, HeaderDeviceId));
        Assert.Null(DeviceIdentity.ReadOne(in request, scratch, Generated));
        Assert.Null(DeviceIdentity.ReadOne(in request, scratch, IdentitySource.DeviceId));
    }

    [Fact]
    public void Read_throws_when_the_scratch_is_too_short()
    {
        byte[] bytes = Requests.Bytes(Requests.Chromium);
        var parser = new HandshakeParser(HandshakeLimits.Default);
        parser.Parse(bytes, out _);
        Assert.Throws<ArgumentException>(() =>
        {
            HandshakeRequest request = parser.GetRequest(bytes);
            return DeviceIdentity.Read(in request, new byte[128], 0).DeviceId.Length;
        });
    }
}
