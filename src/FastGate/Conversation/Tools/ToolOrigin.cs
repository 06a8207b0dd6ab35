namespace FastGate.Conversation.Tools;

/// <summary>Where a tool comes from; a metric tag.</summary>
internal enum ToolOrigin
{
    /// <summary>The device of the turn.</summary>
    Device,

    /// <summary>This server.</summary>
    Server,

    /// <summary>A server that the operator has configured.</summary>
    Operator,

    /// <summary>No source has a tool of this name.</summary>
    Unknown,
}
