namespace FastGate.Protocol.Messages;

/// <summary>What a device's text message is, by its <c>type</c>.</summary>
public enum DeviceMessageType : byte
{
    /// <summary>A type that is missing, no string, or none of these.</summary>
    Unknown = 0,

    /// <summary>The device says what it can do.</summary>
    Hello,

    /// <summary>A capture begins or ends, a wake word or typed text.</summary>
    Listen,

    /// <summary>The user interrupts.</summary>
    Abort,

    /// <summary>Functions and states of firmware older than MCP.</summary>
    Iot,

    /// <summary>A JSON-RPC message.</summary>
    Mcp,

    /// <summary>A question whether the server is there.</summary>
    Ping,

    /// <summary>The same under another name.</summary>
    Keepalive,

    /// <summary>A management message, behind a secret.</summary>
    Server,

    /// <summary>The device ends its session; only bridges send it.</summary>
    Goodbye,
}
