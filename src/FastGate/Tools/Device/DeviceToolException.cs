namespace FastGate.Tools.Device;

/// <summary>A call failed; the message is for the model.</summary>
internal sealed class DeviceToolException(string message, ToolCallOutcome outcome = ToolCallOutcome.Error) : Exception(message)
{
    public ToolCallOutcome Outcome { get; } = outcome;

    /// <summary>The call was not sent and may be tried again.</summary>
    public bool IsUnsent { get; init; }
}
