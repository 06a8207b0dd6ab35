namespace FastGate.Commands;

/// <summary>Why a command did not succeed, as an operator reads it.</summary>
internal static class CommandReasons
{
    public const string NoTools = "the device offers no tools: the hello of its firmware has no features.mcp";
    public const string NotInTime = "the device did not connect in time";
    public const string Cancelled = "cancelled by an operator";
}
