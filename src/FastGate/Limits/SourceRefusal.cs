namespace FastGate.Limits;

/// <summary>Which limit refused a connect. The limits of addresses and devices are counted by their index (LimitMetrics).</summary>
internal enum SourceRefusal
{
    /// <summary>The address has as many connections as one address may have.</summary>
    Connections,

    /// <summary>The address has as many requests that are not complete as one address may have.</summary>
    Handshakes,

    /// <summary>The address connects too often.</summary>
    Connects,

    /// <summary>The address is banned and continues to connect.</summary>
    Banned,

    /// <summary>The device connects too often.</summary>
    Device,

    /// <summary>The connect had waited too long in a storm of connects. The transport counts it.</summary>
    Wait,

    /// <summary>There was no descriptor for another connection. The transport counts it.</summary>
    Descriptor,
}
