using System.Net;
using FastGate.Configuration.Options;

namespace FastGate.Tests.Configuration;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("0.0.0.0:8000", "0.0.0.0", 8000)]
    [InlineData("127.0.0.1:0", "127.0.0.1", 0)]
    [InlineData("[::]:65535", "::", 65535)]
    [InlineData("[::1]:8002", "::1", 8002)]
    [InlineData("[fe80::1%1]:8002", "fe80::1%1", 8002)]
    [InlineData("localhost:80", "127.0.0.1", 80)]
    [InlineData("LocalHost:80", "127.0.0.1", 80)]
    public void An_address_with_a_port_is_parsed(string text, string address, int port)
    {
        Assert.True(ListenAddress.TryParse(text, out IPEndPoint endPoint));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), port), endPoint);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("8000")]
    [InlineData(":8000")]
    [InlineData("0.0.0.0")]
    [InlineData("0.0.0.0:")]
    [InlineData("0.0.0.0:65536")]
    [InlineData("0.0.0.0:-1")]
    [InlineData("0.0.0.0: 80")]
    [InlineData("0.0.0.0:80x")]
    [InlineData("::1:8000")]
    [InlineData("[::1]")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("127.1:80")]
    [InlineData("0x7f.0.0.1:80")]
    [InlineData("256.0.0.1:80")]
    [InlineData("*:80")]
    [InlineData("example.org:80")]
    [InlineData("http://0.0.0.0:80")]
    public void Any_other_text_is_rejected(string? text) => Assert.False(ListenAddress.TryParse(text, out _));
}
