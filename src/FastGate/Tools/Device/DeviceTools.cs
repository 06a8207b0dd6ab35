using FastGate.Conversation.Tools;
using FastGate.Protocol.Messages;
using Microsoft.Extensions.AI;

namespace FastGate.Tools.Device;

/// <summary>
/// The tools of one connection's device. Exists from the first message about tools on; a device without them has none. The loop brings the messages,
/// and any thread reads <see cref="Tools"/>.
/// </summary>
internal sealed partial class DeviceTools(DeviceToolServices services, IToolDevice device) : IToolSource
{
    // Written by the loop, read by any thread.
    private McpClient? _mcp;
    private IotThings? _things;

    public IReadOnlyList<AIFunction> Tools
    {
        get
        {
            IReadOnlyList<AIFunction> things = Volatile.Read(ref _things)?.Tools ?? [];
            return Volatile.Read(ref _mcp) is not { HasTools: true } mcp ? things : [.. mcp.Tools.UnionBy(things, static tool => tool.Name)];
        }
    }

    /// <summary>The client of the device's MCP server; null when the device has offered none. Any thread.</summary>
    public McpClient? Mcp => Volatile.Read(ref _mcp);

    /// <summary>The device has said hello and offers tools. Loop only.</summary>
    public void OnOffered()
    {
        if (_mcp is null)
        {
            Volatile.Write(ref _mcp, new McpClient(services, device));
        }

        if (!_mcp!.HasTools)
        {
            _mcp.List();
        }
    }

    /// <summary>Takes an answer or a notification. Loop only.</summary>
    public void OnMcp(in McpMessage message)
    {
        if (_mcp is { } mcp)
        {
            mcp.OnMessage(message);
        }
        else
        {
            services.Metrics.NotOffered.Increment();
        }
    }

    /// <summary>Takes the <c>descriptors</c> of a message. Loop only.</summary>
    public void OnDescriptors(ReadOnlySpan<byte> json) => Things().Put(json, isStates: false);

    /// <summary>Takes the <c>states</c> of a message. Loop only.</summary>
    public void OnStates(ReadOnlySpan<byte> json) => Things().Put(json, isStates: true);

    /// <summary>The device has left: pending calls fail at once. Loop only.</summary>
    public void Close()
    {
        _mcp?.Close();
        _things?.Close();
    }

    private IotThings Things()
    {
        if (_things is null)
        {
            Volatile.Write(ref _things, new IotThings(services, device));
        }

        return _things!;
    }
}
