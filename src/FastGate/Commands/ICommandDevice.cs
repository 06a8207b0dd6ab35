namespace FastGate.Commands;

/// <summary>A connected device that takes commands; implemented by its session. Any thread. The tasks do not throw.</summary>
internal interface ICommandDevice
{
    CommandReadiness ReadinessFor(bool isTool);

    /// <param name="tool">The name that the device gives its tool.</param>
    /// <param name="arguments">The JSON of an object.</param>
    /// <param name="timeout">How long the device may take to answer.</param>
    Task<CommandResult> CallToolAsync(string tool, byte[] arguments, TimeSpan timeout);

    /// <summary>Acknowledged when the message was written to the device's socket.</summary>
    Task<CommandResult> WriteAsync(byte[] message, TimeSpan timeout);
}
