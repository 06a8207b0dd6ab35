using System.Net;
using FastGate.Auth;
using FastGate.Diagnostics;
using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;

namespace FastGate.Connections;

/// <summary>The token of a request, and the delay after wrong ones.</summary>
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

    /// <summary>
    /// Counts a wrong token. During the delay of its source it costs neither a record nor a log line. A right token never waits, because
    /// thousands of devices may share the address of one that has a wrong token; a signed token is too long to be guessed.
    /// </summary>
    private bool MustWait(out int seconds)
    {
        EndPoint? source = context.RemoteEndPoint;
        seconds = (int)Math.Ceiling(services.TokenGuesses.DelayOf(source).TotalSeconds);
        if (seconds > 0)
        {
            return true;
        }

        if (services.TokenGuesses.OnWrong(source) == GuessBackoff.Free)
        {
            services.Log.WrongTokens(GuessBackoff.Free, source);
        }

        return false;
    }
}
