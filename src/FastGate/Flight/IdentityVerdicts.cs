using FastGate.Protocol.Handshake;
using FastGate.Protocol.Identity;

namespace FastGate.Flight;

/// <summary>The verdict on the sources of a device id. Only <see cref="DetailOf"/> allocates.</summary>
internal static class IdentityVerdicts
{
    /// <summary>Whether the id was generated, is not the one that the device meant, or has a source that disagrees.</summary>
    public static bool NeedsRecord(scoped in DeviceIdentity identity) =>
        identity.IsGenerated || identity.HasDisagreement || RefusedBefore(identity, identity.DeviceSource) is not null;

    public static Verdict Of(scoped in DeviceIdentity identity) =>
        RefusedBefore(identity, identity.IsGenerated ? IdentitySource.DeviceId : identity.DeviceSource) is not null ? Verdict.IdRefused
        : identity.IsGenerated ? Verdict.IdMissing
        : Verdict.IdConflict;

    /// <summary>Which id was refused and which one is used instead, or which ids differ. Null for an id that is missing.</summary>
    public static string? DetailOf(scoped in DeviceIdentity identity, IReadOnlyList<HandshakeSourceOutcome> sources)
    {
        if (RefusedBefore(identity, identity.IsGenerated ? IdentitySource.DeviceId : identity.DeviceSource) is not { } source)
        {
            return identity.IsGenerated ? null : identity.RepeatsDisagree ? $"one source is repeated; {NameOf(identity)} is used" : $"{NameOf(identity)}, {string.Join(", ", OthersOf(identity, sources))}";
        }

        string why = identity.Outcome(source) switch
        {
            IdentityOutcome.TooLong => $"has more than {DeviceIdentity.MaxIdLength} bytes",
            IdentityOutcome.BadEncoding => "is not UTF-8",
            _ => "has characters that are not printable",
        };
        return $"the id {sources[(int)source].Id} ({NameOf(source)}) {why}; {NameOf(identity)} is used instead";
    }

    /// <summary>The source has an id that cannot be used.</summary>
    public static bool IsRefused(this IdentityOutcome outcome) => outcome is IdentityOutcome.TooLong or IdentityOutcome.BadCharacters or IdentityOutcome.BadEncoding;

    /// <summary>The first refused source before the one in use. A client id counts only when there is no other id.</summary>
    private static IdentitySource? RefusedBefore(scoped in DeviceIdentity identity, IdentitySource end)
    {
        for (IdentitySource source = IdentitySource.QueryDeviceId; source < end; source++)
        {
            if (identity.Outcome(source).IsRefused())
            {
                return source;
            }
        }

        return null;
    }

    private static List<string> OthersOf(scoped in DeviceIdentity identity, IReadOnlyList<HandshakeSourceOutcome> sources)
    {
        List<string> others = [];
        for (IdentitySource source = IdentitySource.QueryDeviceId; source < IdentitySource.DeviceId; source++)
        {
            if (identity.Outcome(source) == IdentityOutcome.Disagrees)
            {
                others.Add($"{sources[(int)source].Id} ({NameOf(source)})");
            }
        }

        return others;
    }

    private static string NameOf(scoped in DeviceIdentity identity) => $"{HandshakeText.Render(identity.DeviceId)} ({NameOf(identity.DeviceSource)})";

    /// <summary>As the client names it: the parameter or the header.</summary>
    private static string NameOf(IdentitySource source) => source switch
    {
        IdentitySource.QueryDeviceId => "parameter device-id",
        IdentitySource.QueryDeviceIdUnderscore => "parameter device_id",
        IdentitySource.QueryClientId => "parameter client-id",
        IdentitySource.QueryClientIdUnderscore => "parameter client_id",
        IdentitySource.HeaderDeviceId => "header Device-Id",
        IdentitySource.HeaderDeviceIdUnderscore => "header device_id",
        IdentitySource.HeaderXDeviceId => "header X-Device-Id",
        IdentitySource.HeaderXDeviceIdUnderscore => "header X-Device_Id",
        IdentitySource.HeaderClientId => "header Client-Id",
        IdentitySource.HeaderClientIdUnderscore => "header client_id",
        IdentitySource.HeaderXClientId => "header X-Client-Id",
        IdentitySource.HeaderXClientIdUnderscore => "header X-Client_Id",
        _ => "automatic",
    };
}
