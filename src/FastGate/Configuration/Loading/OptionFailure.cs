using FastGate.Configuration.Options;

namespace FastGate.Configuration.Loading;

/// <summary>One value that cannot stand: where, what it is and what would be allowed. <paramref name="Origin"/> names the file it came from.</summary>
internal sealed record OptionFailure(string Key, string? Value, string Allowed, string? Origin = null)
{
    /// <summary>Stands where a secret was; the value itself must never reach a log.</summary>
    public const string Masked = "***";

    public override string ToString() =>
        $"{GatewayOptions.Section}:{Key} = \"{Value}\"{(Origin is null ? "" : $" (from {Origin})")}: allowed is {Allowed}";
}
