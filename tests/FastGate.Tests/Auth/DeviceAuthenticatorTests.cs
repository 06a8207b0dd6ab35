using System.Text;
using FastGate.Auth;
using FastGate.Configuration.Options;

namespace FastGate.Tests.Auth;

/// <summary>The signatures were computed with Python's hmac module, not with the code under test.</summary>
public sealed class DeviceAuthenticatorTests
{
    private const string Key = "fleet-key";
    private const string Client = "5a1c2b3d-0000-4000-8000-00000000abcd";
    private const string Device = "94:a9:90:2b:de:38";
    private const long SignedAt = 1757567894;
    private const string Token = "IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U.1757567894";

    private static readonly AuthOptions s_options = new() { Enabled = true, Key = Key, Tokens = ["static-one", "static-two"] };

    public static TheoryData<string, object> Refusals => new()
    {
        { "", AuthResult.MissingToken },
        { "Bearer", AuthResult.MissingToken },
        { "Bearer ", AuthResult.MissingToken },
        { "bearer " + Token, AuthResult.BadScheme },
        { "Basic dXNlcjpwYXNz", AuthResult.BadScheme },
        { Token, AuthResult.BadScheme },
        { "Bearer\t" + Token, AuthResult.BadScheme },
        { "Bearer  " + Token, AuthResult.MalformedToken },
        { "Bearer test-token", AuthResult.MalformedToken },
        { "Bearer static-on", AuthResult.MalformedToken },
        { "Bearer IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U", AuthResult.MalformedToken },
        { "Bearer IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U.", AuthResult.MalformedToken },
        { "Bearer IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U=.1757567894", AuthResult.MalformedToken },
        { "Bearer IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U.1757567894.1", AuthResult.MalformedToken },
        { "Bearer IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U.+1757567894", AuthResult.MalformedToken },
        { "Bearer IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U.-1", AuthResult.MalformedToken },
        { "Bearer IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U.1_757", AuthResult.MalformedToken },
        { "Bearer ZV8ua9BL2lAUVQGOe8pdfKvrYR0vatnlyWLGRt-Wc-A.01757567894", AuthResult.MalformedToken },
        { "Bearer mEYeamXvYSSK3SjIAqzobZbDTnoi58xE08P4HAzku6A.9223372036854775808", AuthResult.TimestampOverflow },
        { "Bearer MvZZ_tBuV30EvgAQEGKDMB-icvb0xnuWpIAesrR1nV8.99999999999999999999", AuthResult.TimestampOverflow },
        { "Bearer IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U.1757567895", AuthResult.BadSignature },
        { "Bearer IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-V.1757567894", AuthResult.BadSignature },
        { "Bearer iKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U.1757567894", AuthResult.BadSignature },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_bad_credential_is_refused_with_its_reason(string credential, object expected) =>
        Assert.Equal(expected, Authenticate(s_options, credential));

    [Theory]
    [InlineData("Bearer static-one")]
    [InlineData("Bearer static-two")]
    public void Static_tokens_are_accepted_for_any_device(string credential) =>
        Assert.Equal(AuthResult.StaticToken, Authenticate(s_options, credential));

    [Fact]
    public void Every_device_is_accepted_while_authentication_is_off()
    {
        AuthResult result = Authenticate(s_options with { Enabled = false }, "");

        Assert.Equal(AuthResult.Off, result);
        Assert.True(result.IsAccepted());
        Assert.False(AuthResult.MissingToken.IsAccepted());
    }

    [Fact]
    public void A_token_of_the_old_server_is_accepted_repeatedly() =>
        Assert.All(Enumerable.Range(0, 2), static _ => Assert.Equal(AuthResult.DeviceToken, Authenticate(s_options, "Bearer " + Token)));

    [Theory]
    [InlineData(SignedAt, AuthResult.DeviceToken)]
    [InlineData(SignedAt - 1_000_000, AuthResult.DeviceToken)]
    [InlineData(0, AuthResult.DeviceToken)]
    [InlineData(SignedAt + 100, AuthResult.DeviceToken)]
    [InlineData(SignedAt + 101, AuthResult.Expired)]
    [InlineData(long.MaxValue, AuthResult.Expired)]
    public void A_token_is_accepted_until_it_expires_and_a_future_timestamp_is_accepted(long now, object expected) =>
        Assert.Equal(expected, Authenticate(s_options with { ExpireSeconds = 100 }, "Bearer " + Token, now: now));

    [Fact]
    public void The_greatest_timestamp_does_not_overflow() =>
        Assert.Equal(
            AuthResult.DeviceToken,
            Authenticate(s_options, "Bearer R1mx5wGIS_KlQK0CV-kUWvZAMKj4JJ9vB2NIagQTBP4.9223372036854775807", now: long.MaxValue));

    [Theory]
    [InlineData("Z_xoJIdahHEYFhTwbe9DdhGortuyZhu4m1D1dHyqyPk", AuthResult.DeviceToken)] // signed over AA:BB:CC:DD:EE:FF, as received
    [InlineData("YZhcfy1ljPIiA9hnJL6KnqzhYo2keN_WTv1tN5ih-CU", AuthResult.DeviceToken)] // signed over aa:bb:cc:dd:ee:ff, as normalised
    public void Both_spellings_of_a_mac_are_accepted(string signature, object expected) =>
        Assert.Equal(
            expected,
            Authenticate(s_options, $"Bearer {signature}.1757567894", "AA:BB:CC:DD:EE:FF", "web_test_client", "aa:bb:cc:dd:ee:ff", "web_test_client"));

    [Fact]
    public void A_mac_in_another_case_than_signed_is_refused() =>
        Assert.Equal(
            AuthResult.BadSignature,
            Authenticate(
                s_options, "Bearer Z_xoJIdahHEYFhTwbe9DdhGortuyZhu4m1D1dHyqyPk.1757567894",
                "aa:bb:cc:dd:ee:ff", "web_test_client", "aa:bb:cc:dd:ee:ff", "web_test_client"));

    [Fact]
    public void A_token_is_refused_for_another_device_client_or_key()
    {
        Assert.Equal(AuthResult.BadSignature, Authenticate(s_options, "Bearer " + Token, "94:a9:90:2b:de:39", Client, "94:a9:90:2b:de:39", Client));
        Assert.Equal(AuthResult.BadSignature, Authenticate(s_options, "Bearer " + Token, Device, "other", Device, "other"));
        Assert.Equal(AuthResult.BadSignature, Authenticate(s_options with { Key = "other" }, "Bearer " + Token));
    }

    [Fact]
    public void Ids_and_keys_are_utf8() =>
        Assert.Equal(
            AuthResult.DeviceToken,
            Authenticate(
                s_options with { Key = "密钥" }, "Bearer bg0q92FU1UEEk8a2_aFt1BtMYW8Xix8IPmCnxyuzgMY.1", "设备", "客户端", "设备", "客户端", now: 1));

    [Fact]
    public void The_separator_cannot_be_moved_between_the_ids()
    {
        var policy = new AuthPolicy(s_options, new RecordingLogger<AuthPolicy>());

        Assert.Equal("", new DeviceTokenIssuer(policy).Issue("b|c", "a", SignedAt));
        Assert.Equal("", new DeviceTokenIssuer(policy).Issue("c", "a|b", SignedAt));
        Assert.Equal(AuthResult.BadSignature, Authenticate(s_options, "Bearer " + Token, "b|c", "a", "b|c", "a"));
    }

    [Fact]
    public void Too_long_ids_are_refused_without_an_exception()
    {
        string id = new('x', 5_000);

        Assert.Equal(AuthResult.BadSignature, Authenticate(s_options, "Bearer " + Token, id, id, id, id));
        Assert.Equal(AuthResult.MalformedToken, Authenticate(s_options, "Bearer " + id));
    }

    [Fact]
    public void The_allow_list_applies_when_it_is_not_empty_and_ignores_case()
    {
        AuthOptions allowing = s_options with { AllowedDevices = [" 94:A9:90:2B:DE:38 "] };

        Assert.Equal(AuthResult.AllowedDevice, Authenticate(allowing, ""));
        Assert.Equal(AuthResult.MissingToken, Authenticate(s_options, ""));
        Assert.Equal(AuthResult.MissingToken, Authenticate(allowing, "", "other", Client, "other", Client));
        Assert.Equal(AuthResult.DeviceToken, Authenticate(s_options with { AllowedDevices = ["other"] }, "Bearer " + Token));
    }

    [Fact]
    public void The_allow_list_normalises_ids_as_the_handshake_does()
    {
        AuthOptions allowing = s_options with { AllowedDevices = ["'ÉA'", "\u212A", "", "a\nb"] };

        Assert.Equal(AuthResult.AllowedDevice, Authenticate(allowing, "", "ÉA", Client, "Éa", Client));
        Assert.Equal(AuthResult.MissingToken, Authenticate(allowing, "", "éa", Client, "éa", Client));
        Assert.Equal(AuthResult.MissingToken, Authenticate(allowing, "", "k", Client, "k", Client));
        Assert.Equal("", new DeviceTokenIssuer(new AuthPolicy(allowing, new RecordingLogger<AuthPolicy>())).Issue(" ÉA ", Client, SignedAt));
        Assert.NotEqual("", new DeviceTokenIssuer(new AuthPolicy(allowing, new RecordingLogger<AuthPolicy>())).Issue("éa", Client, SignedAt));
    }

    [Fact]
    public void A_token_without_its_scheme_takes_precedence_over_the_header()
    {
        Assert.Equal(AuthResult.DeviceToken, Authenticate(s_options, "", token: Token));
        Assert.Equal(AuthResult.MissingToken, Authenticate(s_options, "", token: ""));
        Assert.Equal(AuthResult.StaticToken, Authenticate(s_options, "", token: "static-one"));
        Assert.Equal(AuthResult.StaticToken, Authenticate(s_options, "Basic dXNlcjpwYXNz", token: "static-one"));
    }

    private static AuthResult Authenticate(
        AuthOptions options, string authorization, string rawDevice = Device, string rawClient = Client, string device = Device, string client = Client,
        long now = SignedAt, string token = "") =>
        new DeviceAuthenticator(new AuthPolicy(options, new RecordingLogger<AuthPolicy>())).Authenticate(
            new DeviceCredential
            {
                Token = Encoding.UTF8.GetBytes(token),
                Authorization = Encoding.UTF8.GetBytes(authorization),
                RawDeviceId = Encoding.UTF8.GetBytes(rawDevice),
                RawClientId = Encoding.UTF8.GetBytes(rawClient),
                DeviceId = Encoding.UTF8.GetBytes(device),
                ClientId = Encoding.UTF8.GetBytes(client),
            },
            now);
}
