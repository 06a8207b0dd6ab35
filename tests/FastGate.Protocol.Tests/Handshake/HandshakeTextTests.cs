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
    [InlineData("/?a=b&AUTHORIZATION=s", "/?a=***&AUTHORIZATION=***")]
    [InlineData("/?api_key=s&password=s&auth=s&bearer=s", "/?api_key=***&password=***&auth=***&bearer=***")]
    [InlineData("/?Device-Id=a&device_id=b&CLIENT-ID=c&client_id=d&from=mqtt_gateway", "/?Device-Id=a&device_id=b&CLIENT-ID=c&client_id=d&from=mqtt_gateway")]
    [InlineData("/?mac_address=aa%3Abb&device_mac=cc&uuid=7b94d69a-9808-4c59-9c9b-704333b38aff", "/?mac_address=aa%3Abb&device_mac=cc&uuid=7b94d69a-9808-4c59-9c9b-704333b38aff")]
    [InlineData("/?device%2Did=a&x=a?device-id=b", "/?device%2Did=a&x=***")]
    [InlineData("/?eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "/?***")]
    [InlineData("/?IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U==", "/?***=***")]
    [InlineData("/xiaozhi/IKKdRWKnpXvqhl6HlYybDAeuZjlxl1sd_4wnQjX6u-U.1757567894/v1/", "/xiaozhi/***/v1/")]
    [InlineData("/ws/eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "/ws/***")]
    [InlineData("/ws/sk-live-1234", "/ws/***")]
    [InlineData("/ws/0123456789abcdef0123456789abcdef", "/ws/***")]
    [InlineData("/ws/7b94d69a-9808-4c59-9c9b-704333b38aff?from=a", "/ws/***?from=a")]
    [InlineData("/ws/9%46a7Qk2%5AmX0pLw8Rt%41", "/ws/***")]
    [InlineData("/ws/qwkjhfgdpoiuzmnbvcxa", "/ws/***")]
    [InlineData("/ws/1234567890123456", "/ws/***")]
    [InlineData("/token/abc/v1", "/token/***/v1")]
    [InlineData("/API_KEY/abc", "/API_KEY/***")]
    [InlineData("/ws;key=abc/v1/a=", "/ws;key=***/v1/a=")]
    [InlineData("http://user:pass@h:8000/v1/", "http://***@h:8000/v1/")]
    [InlineData("/xiaozhi-esp32-server/conversation-history/DeviceSettingsPage/v1/", "/xiaozhi-esp32-server/conversation-history/DeviceSettingsPage/v1/")]
    [InlineData("/ws/94:a9:90:2b:de:fc/94%3Aa9%3A90%3A2b%3Ade%3Afc/94A9902BDEFC", "/ws/94:a9:90:2b:de:fc/94%3Aa9%3A90%3A2b%3Ade%3Afc/94A9902BDEFC")]
    [InlineData("/?%61uthorization=s", "/?%61uthorization=***")]
    [InlineData("/?token=s&x=1&access_token=t&secret=u", "/?token=***&x=***&access_token=***&secret=***")]
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
