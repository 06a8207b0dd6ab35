using System.Globalization;
using System.Text;
using FastGate.Protocol.Identity;

namespace FastGate.Auth;

/// <summary>Issues the token that an OTA reply gives to a device.</summary>
internal sealed class DeviceTokenIssuer(AuthPolicy policy)
{
    /// <summary>
    /// Signs the ids of the OTA request, normalised as the handshake does it: a device may write its id in capitals here and in small letters
    /// there. Returns an empty text when authentication is off, when the device needs no token, or when these ids cannot be signed.
    /// </summary>
    public string Issue(string deviceId, string clientId, long nowUnixSeconds)
    {
        AuthRules rules = policy.Rules;
        if (!rules.Enabled || DeviceIdentity.Normalize(deviceId) is not string device || rules.Allowed.Contains(device))
        {
            return "";
        }

        // A handshake without a usable client id takes the device id in its place.
        string client = DeviceIdentity.Normalize(clientId) ?? device;

        string timestamp = nowUnixSeconds.ToString(CultureInfo.InvariantCulture);
        Span<byte> signature = stackalloc byte[DeviceToken.SignatureLength];
        return DeviceToken.TrySign(
            rules.Key, Encoding.UTF8.GetBytes(client), Encoding.UTF8.GetBytes(device), Encoding.UTF8.GetBytes(timestamp), signature)
            ? $"{Encoding.ASCII.GetString(signature)}.{timestamp}"
            : "";
    }
}
