using FastGate.Auth;
using FastGate.Configuration.Options;

namespace FastGate.Tests.Auth;

public sealed class VisionTokensTests
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.FromUnixTimeSeconds(1_757_567_894);
    private static readonly TimeSpan s_lifetime = TimeSpan.FromHours(1);

    private readonly RecordingLogger<AuthPolicy> _log = new();

    [Theory]
    [InlineData("aa:bb", 0, true)]
    [InlineData(" AA:BB ", 3_600, true)]
    [InlineData("aa:bb", 3_601, false)]
    [InlineData("aa:bb", -300, true)]
    [InlineData("aa:bb", -301, false)]
    [InlineData("aa:cc", 0, false)]
    [InlineData("", 0, false)]
    public void Token_is_valid_for_its_device_and_time(string device, int age, bool valid)
    {
        VisionTokens tokens = Create(new AuthOptions());
        Assert.Equal(valid, tokens.IsValid(tokens.Issue("aa:bb", s_now)!, device, s_now + TimeSpan.FromSeconds(age), s_lifetime));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("x.1757567894")]
    [InlineData("x.99999999999999999999")]
    public void Malformed_token_is_refused(string token) => Assert.False(Create(new AuthOptions()).IsValid(token, "aa:bb", s_now, s_lifetime));

    [Fact]
    public void Servers_with_one_key_accept_the_tokens_of_each_other_and_servers_without_a_key_do_not()
    {
        string token = Create(new AuthOptions { Key = "fleet" }).Issue("aa:bb", s_now)!;
        Assert.True(Create(new AuthOptions { Key = "fleet", Enabled = true }).IsValid(token, "aa:bb", s_now, s_lifetime));
        Assert.False(Create(new AuthOptions { Key = "other" }).IsValid(token, "aa:bb", s_now, s_lifetime));
        Assert.False(Create(new AuthOptions()).IsValid(Create(new AuthOptions()).Issue("aa:bb", s_now)!, "aa:bb", s_now, s_lifetime));
    }

    private VisionTokens Create(AuthOptions options) => new(new AuthPolicy(options, _log));
}
