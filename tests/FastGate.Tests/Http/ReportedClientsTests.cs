using System.Net;
using FastGate.Http.Server;
using FastGate.Peers;
using Microsoft.AspNetCore.Http;

namespace FastGate.Tests.Http;

/// <summary>The client's address of a request that came through a proxy.</summary>
public sealed class ReportedClientsTests
{
    [Theory]
    [InlineData("10.0.0.1", "X-Forwarded-For", "198.51.100.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "X-Real-IP", "203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "Forwarded", "for=\"[2001:db8::1]:80\"", "2001:db8::1")]
    [InlineData("::ffff:10.0.0.1", "X-Forwarded-For", "203.0.113.9", "203.0.113.9")]
    [InlineData("10.0.0.1", "X-Forwarded-For", "127.0.0.1", "10.0.0.1")]
    [InlineData("10.0.0.1", "X-Forwarded-For", "unknown", "10.0.0.1")]
    [InlineData("10.0.0.1", "X-Other", "203.0.113.9", "10.0.0.1")]
    [InlineData("192.0.2.1", "X-Forwarded-For", "203.0.113.9", "192.0.2.1")]
    public async Task Trusted_proxy_gives_the_address_of_the_request(string peer, string name, string value, string expected)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(peer);
        context.Request.Headers.Append(name, value);
        IPAddress? seen = null;

        await new ReportedClients(new PeerRules(["10.0.0.0/8"], [])).Wrap(inner =>
        {
            seen = inner.Connection.RemoteIpAddress;
            return Task.CompletedTask;
        })(context);

        Assert.Equal(IPAddress.Parse(expected), seen);
    }

    [Fact]
    public async Task Several_lines_are_one_list()
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("10.0.0.1");
        context.Request.Headers["X-Forwarded-For"] = new(["198.51.100.1, 203.0.113.9", "10.0.0.2"]);

        await new ReportedClients(new PeerRules(["10.0.0.0/8"], [])).Wrap(static _ => Task.CompletedTask)(context);

        Assert.Equal(IPAddress.Parse("203.0.113.9"), context.Connection.RemoteIpAddress);
    }
}
