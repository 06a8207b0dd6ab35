namespace FastGate.Protocol.Messages;

/// <summary>Type of a device's text message: its <c>type</c> member.</summary>
public enum DeviceMessageType : byte
{
    /// <summary>Missing, not a string, or none of these.</summary>
    Unknown = 0,

    /// <summary>Capabilities and audio parameters of the device; its first message.</summary>
    Hello,

    /// <summary>Start or end of a recording, a wake word, or typed text.</summary>
    Listen,

    /// <summary>The user interrupts the reply.</summary>
    Abort,

    /// <summary>Functions and states of firmware without MCP.</summary>
    Iot,

    /// <summary>A JSON-RPC message.</summary>
    Mcp,

    /// <summary>A request for a pong.</summary>
    Ping,

    /// <summary>Same as <see cref="Ping"/>.</summary>
    Keepalive,

    /// <summary>A management message, protected by a secret.</summary>
    Server,

    /// <summary>The device ends its session; only bridges send it.</summary>
    Goodbye,
}
