namespace FastGate.Configuration.Options;

/// <summary>The <c>server</c> message of the device protocol.</summary>
internal sealed record ManagementOptions
{
    /// <summary>Secret that the message must contain; without one the message is refused.</summary>
    public string? Secret { get; init; }
}
