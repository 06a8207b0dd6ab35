using FastGate.Protocol.Handshake;

namespace FastGate.Protocol.Tests.Handshake;

public class HandshakeTextTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("/xiaozhi/v1/?device-id=a%0d%0a", "/xiaozhi/v1/?device-id=a%0d%0a")]
    [InlineData("/a\r\nINFO forged", "/a\\x0D\\x0AINFO forged")]
    [InlineData("/\u001b[31m\u009b", "/\\x1B[31m\\x9B")]
    [InlineData("/\\x0D", "/\\x5Cx0D")]
    [InlineData("/?authorization=Bearer+s&device-id=a", "/?authorization=***&device-id=a")]
    [InlineData("/?a=b&AUTHORIZATION=s", "/?a=b&AUTHORIZATION=***")]
    [InlineData("/?%61uthorization=s", "/?%61uthorization=***")]
    [InlineData("/?token=s&x=1&access_token=t&secret=u", "/?token=***&x=1&access_token=***&secret=***")]
    [InlineData("/?authorization", "/?authorization")]
    [InlineData("/?", "/?")]
    [InlineData("/?&&=", "/?&&=")]
    public void Target_is_safe_to_log(string target, string expected) =>
        Assert.Equal(expected, HandshakeText.RenderTarget(Requests.Bytes(target)));

    [Fact]
    public void Long_target_is_cut_with_an_ellipsis()
    {
        string whole = "/" + new string('a', HandshakeText.MaxShown - 1);
        Assert.Equal(whole, HandshakeText.RenderTarget(Requests.Bytes(whole)));
        Assert.Equal(whole + "...", HandshakeText.RenderTarget(Requests.Bytes(whole + "a")));

        // A key above the maximum length, and a credential that is cut.
        Assert.EndsWith("...", HandshakeText.RenderTarget(Requests.Bytes("/?" + new string('k', 5_000) + "=v")), StringComparison.Ordinal);
        string cut = HandshakeText.RenderTarget(Requests.Bytes("/?authorization=" + new string('s', 5_000)));
        Assert.Equal("/?authorization=***...", cut);
    }

    [Fact]
    public void Name_is_rendered_like_a_target()
    {
        Assert.Equal("X-\\x00\\xFF", HandshakeText.Render(Requests.Bytes("X-\0\u00ff")));
        Assert.Equal(HandshakeText.MaxShown + 3, HandshakeText.Render(Requests.Bytes(new string('n', 9_000))).Length);
    }
}
