namespace FastGate.Auth;

/// <summary>
/// What a device presents for authentication. The raw ids are decoded but not normalised: xiaozhi-server signs a token over the ids as it
/// received them.
/// </summary>
internal readonly ref struct DeviceCredential
{
    /// <summary>The token without its scheme, from header or query; empty when none was found.</summary>
    public ReadOnlySpan<byte> Token { get; init; }

    /// <summary>The value of the Authorization header with its scheme; read only when there is no <see cref="Token"/>.</summary>
    public ReadOnlySpan<byte> Authorization { get; init; }

    public ReadOnlySpan<byte> RawDeviceId { get; init; }

    public ReadOnlySpan<byte> RawClientId { get; init; }

    public ReadOnlySpan<byte> DeviceId { get; init; }

    public ReadOnlySpan<byte> ClientId { get; init; }
}
