using FastGate.Auth;
using FastGate.Configuration.Options;
using Microsoft.Extensions.Logging.Abstractions;

namespace FastGate.Fuzz.Targets;

/// <summary>The credential of a device: a line each for the token, the header, the device id and the client id. No input has the key.</summary>
internal static class TokenTarget
{
    private const long Now = 1_800_000_000;

    private static readonly DeviceAuthenticator s_authenticator = new(new AuthPolicy(
        new AuthOptions { Enabled = true, Key = Guid.NewGuid().ToString("N"), Tokens = [Guid.NewGuid().ToString("N")] }, NullLogger<AuthPolicy>.Instance));

    public static void Run(byte[] input)
    {
        ReadOnlySpan<byte> token = Next(input, out ReadOnlySpan<byte> rest);
        ReadOnlySpan<byte> authorization = Next(rest, out rest);
        ReadOnlySpan<byte> device = Next(rest, out ReadOnlySpan<byte> client);
        var credential = new DeviceCredential
        {
            Token = token,
            Authorization = authorization,
            RawDeviceId = device,
            RawClientId = client,
            DeviceId = device,
            ClientId = client,
        };
        AuthResult result = s_authenticator.Authenticate(credential, Now);
        FuzzException.ThrowUnless(result is not (AuthResult.Off or AuthResult.AllowedDevice or AuthResult.StaticToken or AuthResult.DeviceToken), "A credential without the key was accepted.");
    }

    private static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> input, out ReadOnlySpan<byte> rest)
    {
        int end = input.IndexOf((byte)'\n');
        rest = end < 0 ? [] : input[(end + 1)..];
        return end < 0 ? input : input[..end];
    }
}
