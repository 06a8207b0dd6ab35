using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>The <c>server</c> message of the device protocol.</summary>
internal sealed record ManagementOptions : IOptionSection
{
    /// <summary>Secret that a <c>server</c> message (<c>restart</c>, <c>update_config</c>) must contain; without one the message is refused.</summary>
    [Text(4_096, Secret = true)]
    public string? Secret { get; init; }
}
