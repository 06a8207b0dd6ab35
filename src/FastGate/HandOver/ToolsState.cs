namespace FastGate.HandOver;

/// <summary>The tools of one device, as it has described them.</summary>
internal sealed record ToolsState
{
    /// <summary>The tools of its MCP server, one JSON object each.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> McpTools { get; init; } = [];

    /// <summary>The hello has offered MCP, and the list was not complete: it is asked for again.</summary>
    public bool AsksAgain { get; init; }

    /// <summary>The id of the next MCP request.</summary>
    public long NextId { get; init; }

    /// <summary>The descriptors and states of iot firmware as they arrived: JSON arrays.</summary>
    public ReadOnlyMemory<byte> IotDescriptors { get; init; }

    public ReadOnlyMemory<byte> IotStates { get; init; }
}
