namespace FastGate.Protocol.Messages;

/// <summary>The <c>features</c> of a hello. A feature counts only when it is the literal true.</summary>
[Flags]
public enum DeviceFeatures : byte
{
    /// <summary>None was named.</summary>
    None = 0,

    /// <summary>Speaks MCP.</summary>
    Mcp = 1,

    /// <summary>Shows emotions.</summary>
    Emoji = 2,

    /// <summary>Wants no emotions: <c>emoji</c> is the literal false. A device that says nothing gets them.</summary>
    NoEmoji = 4,

    /// <summary>Echo is cancelled on the server's side.</summary>
    Aec = 8,
}
