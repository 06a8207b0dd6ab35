namespace FastGate.Protocol.Messages;

/// <summary>Method of a JSON-RPC message that a device sends.</summary>
public enum McpMethod : byte
{
    /// <summary>There is no method: the message is an answer.</summary>
    None = 0,

    /// <summary><c>ping</c>.</summary>
    Ping,

    /// <summary><c>notifications/tools/list_changed</c>.</summary>
    ToolsChanged,

    /// <summary>Any other.</summary>
    Other,
}
