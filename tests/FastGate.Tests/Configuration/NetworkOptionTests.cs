using System.ComponentModel.DataAnnotations;
using System.Net;
using FastGate.Configuration.Validation;
using FastGate.Fleet;
using FastGate.Limits;
using FastGate.Transport.Linux;

namespace FastGate.Tests.Configuration;

/// <summary>The option accepts exactly what the server can read as a range later.</summary>
public sealed class NetworkOptionTests
{
    [Theory]
    [InlineData("10.0.0.0/8", true)]
    [InlineData("10.1.2.3/8", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("0.0.0.0/0", true)]
    [InlineData("::/0", true)]
    [InlineData("fd00::/8", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("10.0.0.0/33", false)]
    [InlineData("::/129", false)]
    [InlineData("10.0.0.0/-1", false)]
    [InlineData("10.0.0.0/", false)]
    [InlineData("10.0/8", false)]
    [InlineData("010.0.0.0/8", false)]
    [InlineData("fe80::1%1", false)]
    [InlineData("example.org", false)]
    [InlineData("", false)]
    public void Network_is_an_address_or_a_prefix(string text, bool isAllowed)
    {
        var context = new ValidationContext(this, "FastGate.Devices.TrustedProxies", null, null);

        Assert.Equal(isAllowed, new NetworksAttribute().GetValidationResult((string[])[text], context) == ValidationResult.Success);
        Assert.Equal(isAllowed, AddressRange.TryParse(text, out _));
        if (isAllowed)
        {
            UInt128 first = LinuxAddress.ValueOf(IPAddress.Parse(text.Split('/')[0]));
            Assert.True(new AddressSet([text]).Contains(first));
        }
    }
}
