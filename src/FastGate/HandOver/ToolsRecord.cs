namespace FastGate.HandOver;

/// <summary>Fields of a <see cref="ToolsState"/>.</summary>
internal static class ToolsRecord
{
    /// <summary>One field for each tool.</summary>
    private const byte McpToolTag = 1;
    private const byte AsksAgainTag = 2;
    private const byte NextIdTag = 3;
    private const byte IotDescriptorsTag = 4;
    private const byte IotStatesTag = 5;

    public static void Write(StateBuffer output, ToolsState state)
    {
        foreach (ReadOnlyMemory<byte> tool in state.McpTools)
        {
            output.PutElement(McpToolTag, tool.Span);
        }

        output.Put(AsksAgainTag, state.AsksAgain);
        output.Put(NextIdTag, state.NextId);
        output.Put(IotDescriptorsTag, state.IotDescriptors.Span);
        output.Put(IotStatesTag, state.IotStates.Span);
    }

    /// <summary>Null when the fields are not readable.</summary>
    public static ToolsState? Read(ReadOnlySpan<byte> record)
    {
        List<ReadOnlyMemory<byte>>? mcpTools = null;
        bool asksAgain = false;
        long nextId = 0;
        ReadOnlyMemory<byte> iotDescriptors = default, iotStates = default;
        var fields = new StateFields(record);
        while (fields.TryNext(out byte tag))
        {
            switch (tag)
            {
                case McpToolTag: (mcpTools ??= []).Add(fields.Bytes()); break;
                case AsksAgainTag: asksAgain = fields.Bool(); break;
                case NextIdTag: nextId = fields.Long(); break;
                case IotDescriptorsTag: iotDescriptors = fields.Bytes(); break;
                case IotStatesTag: iotStates = fields.Bytes(); break;
                default: fields.Skip(tag); break;
            }
        }

        return !fields.IsValid ? null : new ToolsState
        {
            McpTools = mcpTools ?? (IReadOnlyList<ReadOnlyMemory<byte>>)[],
            AsksAgain = asksAgain,
            NextId = nextId,
            IotDescriptors = iotDescriptors,
            IotStates = iotStates,
        };
    }
}
