namespace FastGate.Http.Ota;

/// <summary>What a device gets by OTA.</summary>
/// <param name="Token">Empty when the device gets none or needs none.</param>
internal sealed record OtaGrant(string Token)
{
    /// <summary>What the device shows while it waits for an operator.</summary>
    public OtaActivation? Activation { get; init; }

    /// <summary>Why there is neither a token nor a code, for the log.</summary>
    public string? Problem { get; init; }
}
