using System.Net;
using System.Security.Cryptography;
using FastGate.Auth;
using FastGate.Configuration.Options;
using FastGate.Fleet;
using FastGate.Protocol.Identity;

namespace FastGate.Http.Ota;

/// <summary>Decides which device gets a token by OTA, by <c>Auth:Ota</c>.</summary>
internal sealed class OtaTokens(AuthPolicy policy, KnownDevices known, Activations activations)
{
    /// <summary>How long a device waits for the answer to one of its questions.</summary>
    private const int TimeoutMs = 30_000;

    private const int ChallengeDigits = 32;

    private readonly DeviceTokenIssuer _issuer = new(policy);

    /// <summary>The token of the device, empty without one, and what it has to show while it waits for an operator.</summary>
    public OtaGrant Issue(string deviceId, string clientId, string? board, IPAddress address, bool isChinese, long nowUnixSeconds)
    {
        AuthRules rules = policy.Rules;
        string? id = DeviceIdentity.Normalize(deviceId);
        if (id is null || MayHaveToken(rules, id, clientId))
        {
            if (id is not null && rules is { Enabled: true, Ota: OtaAccess.Open })
            {
                // So that the option can be changed later.
                known.Remember(id, clientId);
            }

            return new OtaGrant(_issuer.Issue(deviceId, clientId, nowUnixSeconds));
        }

        if (rules.Ota == OtaAccess.Known)
        {
            return new OtaGrant("") { Problem = "no token: the device is not known with this client id (Auth:Ota is Known)" };
        }

        if (activations.Request(id, clientId, board, address) is not { } pending)
        {
            return new OtaGrant("") { Problem = "no token and no code: too many devices wait for their activation" };
        }

        string message = isChinese ? $"请在网关上确认激活码\n{pending.Code}" : $"Confirm this code at the gateway\n{pending.Code}";
        return new OtaGrant("")
        {
            Activation = new OtaActivation(pending.Code, message, RandomNumberGenerator.GetHexString(ChallengeDigits, lowercase: true), TimeoutMs),
        };
    }

    /// <summary>200 when the device may ask for its token now, 202 while it waits, 404 when its code has ended.</summary>
    public int StatusOf(string deviceId, string clientId) =>
        DeviceIdentity.Normalize(deviceId) is not { } id ? 404
        : MayHaveToken(policy.Rules, id, clientId) ? 200
        : activations.IsPending(id, clientId) ? 202
        : 404;

    private bool MayHaveToken(AuthRules rules, string id, string clientId) =>
        !rules.Enabled || rules.Ota == OtaAccess.Open || rules.Allowed.Contains(id) || known.IsKnown(id, clientId);
}
