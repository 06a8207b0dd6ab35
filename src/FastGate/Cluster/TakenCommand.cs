namespace FastGate.Cluster;

/// <summary>The first command of a device.</summary>
/// <param name="Result">Whether there is one.</param>
/// <param name="Expired">Commands before it that have expired.</param>
/// <param name="Failed">Commands before it that have failed: the device has no tools, or their outcome is unknown.</param>
/// <param name="Id">Of the command.</param>
/// <param name="Tool">Null for a raw message.</param>
/// <param name="Timeout">How long the device may take to answer.</param>
/// <param name="Payload">The arguments, or the raw message.</param>
internal sealed record TakenCommand(TakeResult Result, int Expired, int Failed, long Id, string? Tool, TimeSpan Timeout, byte[] Payload);
