namespace FastGate.Limits;

/// <summary>Which limit refused a connect.</summary>
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
}
