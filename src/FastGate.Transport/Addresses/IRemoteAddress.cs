namespace FastGate.Transport.Addresses;

/// <summary>A connection that knows the address of its peer without an object for it.</summary>
public interface IRemoteAddress
{
    /// <summary>
    /// An IPv4 address in its IPv6-mapped form; zero for other addresses, which the connection keeps as an end point. Any thread; allocates nothing.
    /// </summary>
    UInt128 MappedRemoteAddress { get; }

    /// <summary>Replaces an IPv4 address by another, given in its IPv6-mapped form, without an object. False when either is another address. Loop only.</summary>
    bool TryReplace(UInt128 address, ushort port);
}
