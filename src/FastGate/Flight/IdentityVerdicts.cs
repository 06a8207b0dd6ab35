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

    /// <summary>Says which id was refused and which one is used instead; null when none was refused.</summary>
    public static string? DetailOf(scoped in DeviceIdentity identity, IReadOnlyList<HandshakeSourceOutcome> sources)
    {
        if (RefusedBefore(identity, identity.IsGenerated ? IdentitySource.DeviceId : identity.DeviceSource) is not { } source)
        {
            return null;
        }

        string why = identity.Outcome(source) switch
        {
            IdentityOutcome.TooLong => $"has more than {DeviceIdentity.MaxIdLength} bytes",
            IdentityOutcome.BadEncoding => "is not UTF-8",
            _ => "has characters that are not printable",
        };
        return $"the id {sources[(int)source].Id} of {source} {why}; {HandshakeText.Render(identity.DeviceId)} of {identity.DeviceSource} is used instead";
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
}
