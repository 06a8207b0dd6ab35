using FastGate.Auth;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;

namespace FastGate.Connections;

/// <summary>The token of a request.</summary>
internal partial class DeviceConnection
{
    private AuthResult Authenticate(in HandshakeRequest request, in DeviceIdentity identity) => services.Authenticator.Authenticate(
        new DeviceCredential
        {
            Token = identity.BearerToken,
            Authorization = request.Authorization,
            RawDeviceId = identity.RawDeviceId,
            RawClientId = identity.RawClientId,
            DeviceId = identity.DeviceId,
            ClientId = identity.ClientId,
        },
        DateTimeOffset.UtcNow.ToUnixTimeSeconds());
}
