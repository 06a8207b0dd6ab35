using System.Net;

namespace FastGate.Configuration.Validation;

/// <summary>Host names and IP addresses, without a port.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class HostNamesAttribute() : ItemsAttribute(mostItems: 1_000)
{
    protected override string AllowedItem => "a host name or an address without a port, such as voice.example.org";

    protected override bool IsAllowed(string item) => IPAddress.TryParse(item, out _) || Uri.CheckHostName(item) == UriHostNameType.Dns;
}
