using System.Text;
using FastGate.Auth;
using FastGate.Configuration.Options;
using FastGate.Protocol.Identity;
using FastGate.Testing;

namespace FastGate.Tests.Auth;

public sealed class AuthPolicyTests
{
    private const long Now = 1757567894;

    private readonly RecordingLogger<AuthPolicy> _log = new();

    [Fact]
    public void The_issued_token_equals_the_one_of_the_old_server()
    {
        var issuer = new DeviceTokenIssuer(new AuthPolicy(new AuthOptions { Enabled = true, Key = "fleet-key" }, _log));

        Assert.Equal(
            "IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U.1757567894",
            issuer.Issue("94:a9:90:2b:de:38", "5a1c2b3d-0000-4000-8000-00000000abcd", Now));
    }

    /// <summary>Once, also when the configuration is read again.</summary>
    [Theory]
    [InlineData(true, "Open", 1)]
    [InlineData(true, "Known", 0)]
    [InlineData(true, "Activate", 0)]
    [InlineData(false, "Open", 0)]
    public void Open_ota_is_warned_of(bool enabled, string access, int warnings)
    {
        var options = new AuthOptions { Enabled = enabled, Key = "k", Ota = Enum.Parse<OtaAccess>(access) };
        new AuthPolicy(options, _log).Prepare(options)();

        Assert.Equal(warnings, _log.Count(7665));
    }

    [Theory]
    [InlineData("AA:BB:CC:DD:EE:FF", "Web-Client", "aa:bb:cc:dd:ee:ff", "web-client")]
    [InlineData("aa:bb:cc:dd:ee:ff", "web-client", "AA:BB:CC:DD:EE:FF", "WEB-CLIENT")]
    [InlineData("AA:BB:CC:DD:EE:FF", "web-client", "AA:BB:CC:DD:EE:FF", "web-client")]
    [InlineData(" 'AA:bb' ", "c", "aa:BB", "\"C\"")]
    [InlineData("aa:bb", "", "AA:BB", "")]
    [InlineData("aa:bb", "\u0001", "AA:BB", "aa:bb")]
    public void An_issued_token_is_accepted_for_another_spelling_of_its_ids(string issuedDevice, string issuedClient, string device, string client)
    {
        var policy = new AuthPolicy(new AuthOptions { Enabled = true, Key = "k" }, _log);
        string token = new DeviceTokenIssuer(policy).Issue(issuedDevice, issuedClient, Now);

        Assert.Equal(AuthResult.DeviceToken, Present(policy, token, device, client));
        Assert.False(Present(policy, token, device + "0", client).IsAccepted());
    }

    [Theory]
    [InlineData("aa:bb", "other", AuthResult.OtherClientId)]
    [InlineData("AA:BB", "other", AuthResult.OtherClientId)]
    [InlineData("aa:bb", "", AuthResult.OtherClientId)]
    [InlineData("aa:cc", "c", AuthResult.OtherDeviceId)]
    [InlineData("aa:cc", "C", AuthResult.OtherDeviceId)]
    [InlineData("aa:cc", "other", AuthResult.OtherIds)]
    [InlineData("c", "aa:bb", AuthResult.OtherIds)]
    [InlineData("aa:bb", "c", AuthResult.DeviceToken)]
    public void A_refused_token_names_the_id_it_was_not_signed_for(string device, string client, object expected)
    {
        var policy = new AuthPolicy(new AuthOptions { Enabled = true, Key = "k" }, _log);
        var issuer = new DeviceTokenIssuer(policy);
        for (int i = 0; i < 10; i++)
        {
            issuer.Issue($"other-{i}", $"client-{i}", Now);
        }

        string token = issuer.Issue("AA:BB", "C", Now);

        Assert.Equal(expected, Present(policy, token, device, client));
    }

    [Theory]
    [InlineData("aa:bb", "aa:bb", AuthResult.OtherClientId)]
    [InlineData("c", "c", AuthResult.OtherDeviceId)]
    [InlineData("c", "aa:bb", AuthResult.OtherIds)]
    [InlineData("aa:bb", "other", AuthResult.BadSignature)]
    public void A_token_of_another_server_is_explained_by_the_ids_of_the_request(string signedDevice, string signedClient, object expected)
    {
        var options = new AuthOptions { Enabled = true, Key = "k" };
        string token = new DeviceTokenIssuer(new AuthPolicy(options, _log)).Issue(signedDevice, signedClient, Now);

        Assert.Equal(expected, Present(new AuthPolicy(options, _log), token, "AA:BB", "C"));
    }

    [Fact]
    public void A_token_is_explained_when_many_devices_boot_in_its_second()
    {
        var policy = new AuthPolicy(new AuthOptions { Enabled = true, Key = "k" }, _log);
        var issuer = new DeviceTokenIssuer(policy);
        for (int i = 0; i < 500; i++)
        {
            issuer.Issue($"device-{i}", $"client-{i}", Now);
        }

        string token = issuer.Issue("aa:bb", "c", Now);

        Assert.Equal(AuthResult.OtherClientId, Present(policy, token, "aa:bb", "other"));
        Assert.Equal(AuthResult.OtherDeviceId, Present(policy, token, "aa:cc", "c"));
    }

    [Fact]
    public void A_forged_token_stays_a_bad_signature_and_issued_ids_are_bounded()
    {
        var policy = new AuthPolicy(new AuthOptions { Enabled = true, Key = "k" }, _log);
        var issuer = new DeviceTokenIssuer(policy);
        string oldest = issuer.Issue("aa:bb", "c", Now);
        string forged = (oldest[0] == 'A' ? 'B' : 'A') + oldest[1..];
        Assert.Equal(AuthResult.BadSignature, Present(policy, forged, "aa:bb", "other"));
        Assert.Equal(AuthResult.OtherClientId, Present(policy, oldest, "aa:bb", "other"));

        for (int i = 0; i < IssuedTokens.Capacity; i++)
        {
            issuer.Issue($"device-{i}", "c", Now + 1 + i);
        }

        Assert.Equal(AuthResult.BadSignature, Present(policy, oldest, "aa:bb", "other"));
        Assert.Equal(AuthResult.DeviceToken, Present(policy, oldest, "aa:bb", "c"));
    }

    [Fact]
    public void No_token_is_issued_for_an_id_that_a_handshake_refuses() =>
        Assert.Equal("", new DeviceTokenIssuer(new AuthPolicy(new AuthOptions { Enabled = true, Key = "k" }, _log)).Issue("a\nb", "c", Now));

    [Theory]
    [InlineData(false, "94:a9:90:2b:de:38")]
    [InlineData(true, "94:A9:90:2B:DE:38")]
    public void No_token_is_issued_when_none_is_needed(bool enabled, string device)
    {
        var options = new AuthOptions { Enabled = enabled, Key = "k", AllowedDevices = ["94:a9:90:2b:de:38"] };

        Assert.Equal("", new DeviceTokenIssuer(new AuthPolicy(options, _log)).Issue(device, "c", Now));
    }

    [Fact]
    public void Without_a_key_one_is_created_with_one_warning_and_survives_a_reload()
    {
        var options = new AuthOptions { Enabled = true };
        var policy = new AuthPolicy(options, _log);
        string token = new DeviceTokenIssuer(policy).Issue("d", "c", Now);

        policy.Prepare(options with { ExpireSeconds = 5 })();

        Assert.Equal(AuthResult.DeviceToken, Authenticate(policy, token));
        Assert.Single(_log.WithId(7100));
        Assert.Equal(AuthResult.BadSignature, Authenticate(new AuthPolicy(options, _log), token));
    }

    [Fact]
    public void A_prepared_reload_applies_once_its_action_runs()
    {
        var policy = new AuthPolicy(new AuthOptions(), _log);
        Assert.Equal(AuthResult.Off, Authenticate(policy, "t"));

        Action apply = policy.Prepare(new AuthOptions { Enabled = true, Key = "k", Tokens = ["t"] });
        Assert.Equal(AuthResult.Off, Authenticate(policy, "t"));
        apply();
        Assert.Equal(AuthResult.StaticToken, Authenticate(policy, "t"));

        policy.Prepare(new AuthOptions { Enabled = true, Key = "k" })();
        Assert.Equal(AuthResult.MalformedToken, Authenticate(policy, "t"));

        // Once, because every client gets a token for every device by OTA.
        Assert.Equal(7665, Assert.Single(_log.Lines).Id);
    }

    [Fact]
    public void Authentication_allocates_nothing()
    {
        var options = new AuthOptions { Enabled = true, Key = "k", Tokens = ["one", "two"], AllowedDevices = ["allowed"] };
        var policy = new AuthPolicy(options, _log);
        var authenticator = new DeviceAuthenticator(policy);
        byte[] signed = Encoding.UTF8.GetBytes("Bearer " + new DeviceTokenIssuer(policy).Issue("d", "c", Now));
        Assert.Equal(AuthResult.DeviceToken, Run(authenticator, signed));

        Assert.Equal(0, Allocations.Of(() => Run(authenticator, signed)));

        static AuthResult Run(DeviceAuthenticator authenticator, byte[] signed)
        {
            authenticator.Authenticate(Credential(default, "allowed"u8), Now);
            authenticator.Authenticate(Credential("Bearer two"u8, "d"u8), Now);
            return authenticator.Authenticate(Credential(signed, "d"u8), Now);
        }
    }

    /// <summary>The ids as a handshake passes them: raw and normalised, the device id where there is no client id.</summary>
    private static AuthResult Present(AuthPolicy policy, string token, string device, string client)
    {
        string normalDevice = DeviceIdentity.Normalize(device)!;
        string? normalClient = DeviceIdentity.Normalize(client);
        return new DeviceAuthenticator(policy).Authenticate(
            new DeviceCredential
            {
                Token = Encoding.UTF8.GetBytes(token),
                RawDeviceId = Encoding.UTF8.GetBytes(device),
                RawClientId = Encoding.UTF8.GetBytes(normalClient is null ? device : client),
                DeviceId = Encoding.UTF8.GetBytes(normalDevice),
                ClientId = Encoding.UTF8.GetBytes(normalClient ?? normalDevice),
            },
            Now);
    }

    private static AuthResult Authenticate(AuthPolicy policy, string token) =>
        new DeviceAuthenticator(policy).Authenticate(Credential(Encoding.UTF8.GetBytes("Bearer " + token), "d"u8), Now);

    private static DeviceCredential Credential(ReadOnlySpan<byte> authorization, ReadOnlySpan<byte> deviceId) => new()
    {
        Authorization = authorization,
        RawDeviceId = deviceId,
        RawClientId = "c"u8,
        DeviceId = deviceId,
        ClientId = "c"u8,
    };
}
