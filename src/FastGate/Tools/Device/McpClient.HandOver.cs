using FastGate.HandOver;

namespace FastGate.Tools.Device;

/// <content>The list of tools passes to another process.</content>
internal sealed partial class McpClient
{
    /// <summary>Between two restarts the ids of the setup differ, so that a late answer is not taken for another.</summary>
    private const int SetupIds = FirstCallId - 2;

    /// <summary>A list that is being read is read again by the next owner. Loop only.</summary>
    public ToolsState Save() => new()
    {
        McpTools = DeviceToolJson.Write(_tools),
        AsksAgain = !HasTools || Volatile.Read(ref _setup) != Idle,
        NextId = Volatile.Read(ref _lastCallId) + 1,
    };

    /// <summary>Before any other call. Loop only.</summary>
    public void Restore(ToolsState state)
    {
        _tools = DeviceToolJson.Read(state.McpTools, services.Lists);
        _lastCallId = (int)Math.Clamp(state.NextId - 1, FirstCallId - 1, int.MaxValue / 2);
        if (HasTools)
        {
            _initialized = true;
            _isSetUp = !state.AsksAgain;
            _lastSetupId = 2 + Random.Shared.Next(SetupIds);
        }

        if (state.AsksAgain)
        {
            List();
        }
    }
}
