namespace FastGate.Protocol.Messages;

/// <summary>The <c>features</c> of a hello. A feature counts only when its value is the literal <c>true</c>.</summary>
[Flags]
public enum DeviceFeatures : byte
{
    /// <summary>No feature.</summary>
    None = 0,

    /// <summary>Supports MCP.</summary>
    Mcp = 1,

    /// <summary>Shows emotions.</summary>
    Emoji = 2,

    /// <summary><c>emoji</c> is the literal <c>false</c>: send no emotions. Without the member, they are sent.</summary>
    NoEmoji = 4,

    /// <summary>The device expects the server to cancel echo.</summary>
    Aec = 8,
}
