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

        byte[] clientBytes = Encoding.UTF8.GetBytes(client);
        byte[] deviceBytes = Encoding.UTF8.GetBytes(device);
        string timestamp = nowUnixSeconds.ToString(CultureInfo.InvariantCulture);
        Span<byte> signature = stackalloc byte[DeviceToken.SignatureLength];
        if (!DeviceToken.TrySign(rules.Key, clientBytes, deviceBytes, Encoding.UTF8.GetBytes(timestamp), signature))
        {
            return "";
        }

        policy.Issued.Add(clientBytes, deviceBytes, nowUnixSeconds);
        return $"{Encoding.ASCII.GetString(signature)}.{timestamp}";
    }
}
