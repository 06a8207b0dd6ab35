using System.Net;

namespace FastGate.Transport.Addresses;

/// <summary>An address that a proxy reports without a port; shown as the address alone.</summary>
public sealed class ReportedEndPoint(IPAddress address) : IPEndPoint(address, 0)
{
    /// <inheritdoc/>
    public override string ToString() => Address.ToString();
}
