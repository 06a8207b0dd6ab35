using System.Net;
using FastGate.Configuration.Options;
using FastGate.Configuration.Validation;
using Microsoft.Extensions.Options;

namespace FastGate.Configuration.Loading;

/// <summary>Checks bound options: the attributes of each property by generated code, and the rules between properties here.</summary>
[OptionsValidator]
internal sealed partial class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    private const int SmallestOutboundFrame = 16;

    /// <summary>All failures at once.</summary>
    public static IReadOnlyList<string> FailuresOf(GatewayOptions options) =>
        [.. new GatewayOptionsValidator().Validate(GatewayOptions.Section, options).Failures ?? [], .. BetweenProperties(options)];

    private static IEnumerable<string> BetweenProperties(GatewayOptions options)
    {
        (string Key, string Listen)[] listeners = [("Devices:Listen", options.Devices.Listen), ("Http:Listen", options.Http.Listen), ("Admin:Listen", options.Admin.Listen)];
        for (int later = 1; later < listeners.Length; later++)
        {
            for (int earlier = 0; earlier < later; earlier++)
            {
                if (Overlap(listeners[later].Listen, listeners[earlier].Listen))
                {
                    yield return Failure(listeners[later].Key, listeners[later].Listen, $"a port that {listeners[earlier].Key} ({listeners[earlier].Listen}) does not use");
                }
            }
        }

        if (options.Admin.Token is null && ListenAddress.TryParse(options.Admin.Listen, out IPEndPoint admin) && !IPAddress.IsLoopback(admin.Address))
        {
            yield return Failure("Admin:Listen", options.Admin.Listen, "a loopback address such as 127.0.0.1:8002, or any address once Admin:Token is set");
        }

        if (options.Admin.ViewToken is not null && (options.Admin.Token is null || options.Admin.Token == options.Admin.ViewToken))
        {
            yield return Failure("Admin:ViewToken", "***", "a token beside Admin:Token that differs from it");
        }

        if (options.Memory.Provider == MemoryProviderKind.Postgres && !ConnectionStringCheck.IsUsable(options.Memory.ConnectionString))
        {
            yield return Failure(
                "Memory:ConnectionString",
                options.Memory.ConnectionString is null ? "" : OptionFailure.Masked,
                "with Memory:Provider=Postgres, a text of Npgsql such as Host=db;Database=fastgate;Username=fastgate;Password=secret");
        }

        if (options.Webhooks is { IsOn: true, Secrets.Count: 0 })
        {
            yield return Failure("Webhooks:Secrets", "", "at least one key, because a receiver must be able to tell events from forgeries");
        }

        TlsOptions tls = options.Devices.Tls;
        if (tls.Keys.Count > tls.Certificates.Count)
        {
            yield return Failure("Devices:Tls:Keys", FormattableString.Invariant($"{tls.Keys.Count} items"), "at most one for each of Devices:Tls:Certificates");
        }

        if (!tls.IsOn && (tls.Required || tls.Certificates.Count > 0))
        {
            yield return Failure(tls.Required ? "Devices:Tls:Required" : "Devices:Tls:Certificates", "", "only with Devices:Tls:Certificate or Devices:Tls:Pfx");
        }

        DeviceLimits limits = options.Devices.Limits;
        if (limits.OutboundFrame != 0 && (limits.OutboundFrame < SmallestOutboundFrame || limits.OutboundFrame > limits.Outbound))
        {
            yield return Failure(
                "Devices:Limits:OutboundFrame",
                FormattableString.Invariant($"{limits.OutboundFrame}"),
                FormattableString.Invariant($"a whole number from {SmallestOutboundFrame} to {limits.Outbound:N0} (or 0 for whole messages; at most Devices:Limits:Outbound)"));
        }
    }

    /// <summary>The second bind to one port would fail, or with SO_REUSEPORT take half of the first listener's connections.</summary>
    private static bool Overlap(string one, string other) =>
        ListenAddress.TryParse(one, out IPEndPoint a) && ListenAddress.TryParse(other, out IPEndPoint b) && a.Port != 0 && a.Port == b.Port
        && (a.Address.Equals(b.Address) || IsAny(a.Address) || IsAny(b.Address));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static string Failure(string key, string value, string allowed) => OptionFailure.Text($"{GatewayOptions.Section}:{key}", value, allowed);
}
