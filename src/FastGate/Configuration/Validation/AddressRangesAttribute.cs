using System.Net;

namespace FastGate.Configuration.Validation;

/// <summary>IP addresses and networks in CIDR notation.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class AddressRangesAttribute() : ItemsAttribute(mostItems: 1_000)
{
    protected override string AllowedItem => "an address such as 10.1.2.3, or a network such as 10.1.0.0/16 or fd00::/8";

    protected override bool IsAllowed(string item) => IPNetwork.TryParse(item, out _) || IPAddress.TryParse(item, out _);
}
