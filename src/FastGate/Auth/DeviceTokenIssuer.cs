using System.Globalization;
using System.Text;
using FastGate.Protocol.Identity;

namespace FastGate.Auth;

/// <summary>Issues the token that an OTA reply gives to a device.</summary>
internal sealed class DeviceTokenIssuer(AuthPolicy policy)
{
    /// <summary>
    /// The ids are those of the OTA request, as received. Returns an empty text when authentication is off, when the device needs no token, or
    /// when these ids cannot be signed.
    /// </summary>
    public string Issue(string deviceId, string clientId, long nowUnixSeconds)
    {
        AuthRules rules = policy.Rules;
        if (!rules.Enabled || DeviceIdentity.Normalize(deviceId) is string known && rules.Allowed.Contains(known))
        {
            return "";
        }

        string timestamp = nowUnixSeconds.ToString(CultureInfo.InvariantCulture);
        Span<byte> signature = stackalloc byte[DeviceToken.SignatureLength];
        return DeviceToken.TrySign(
            rules.Key, Encoding.UTF8.GetBytes(clientId), Encoding.UTF8.GetBytes(deviceId), Encoding.UTF8.GetBytes(timestamp), signature)
            ? $"{Encoding.ASCII.GetString(signature)}.{timestamp}"
            : "";
    }
}
