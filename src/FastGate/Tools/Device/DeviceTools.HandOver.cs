using FastGate.HandOver;

namespace FastGate.Tools.Device;

/// <content>The tools pass to another process as the device has described them. Pending calls do not: they belong to turns.</content>
internal sealed partial class DeviceTools
{
    /// <summary>Loop only.</summary>
    public ToolsState Save() => (_mcp?.Save() ?? new ToolsState()) with { IotDescriptors = _things?.Save() ?? default };

    /// <summary>Loop only, before the first message of the device.</summary>
    public void Restore(ToolsState state)
    {
        if (state.AsksAgain || state.McpTools.Count > 0)
        {
            var mcp = new McpClient(services, device);
            mcp.Restore(state);
            Volatile.Write(ref _mcp, mcp);
        }

        if (!state.IotDescriptors.IsEmpty)
        {
            Things().Restore(state.IotDescriptors);
        }
    }
}
