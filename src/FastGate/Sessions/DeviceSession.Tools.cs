using System.Buffers;
using FastGate.Conversation.Tools;
using FastGate.Protocol.Messages;
using FastGate.Tools.Device;

namespace FastGate.Sessions;

/// <summary>The tools of the device: MCP, and the descriptors of old firmware.</summary>
internal sealed partial class DeviceSession : IToolDevice
{
    // Written by the loop, read by any thread. Null until the device has offered a tool.
    private DeviceTools? _tools;

    /// <summary>The tools of the device; null when it has offered none.</summary>
    public IToolSource? Tools => Volatile.Read(ref _tools);

    void IToolDevice.Send(byte[] message) => _outbound.Post(new OutboundMessage(OutboundKind.Notice, message));

    private void OnIot(in DeviceMessage message)
    {
        if (!_services.DeviceTools.IsEnabled)
        {
            return;
        }

        if (!message.Descriptors.IsEmpty)
        {
            ToolsOfDevice().OnDescriptors(message.Descriptors);
        }

        if (!message.States.IsEmpty)
        {
            ToolsOfDevice().OnStates(message.States);
        }
    }

    private void OnMcp(in DeviceMessage message)
    {
        if (message.Payload.IsEmpty)
        {
            return;
        }

        McpMessage payload = McpMessageReader.Read(message.Payload);
        if (payload.IsRequest)
        {
            ArrayBufferWriter<byte> writer = SessionScratch.Rent();
            GatewayMessageWriter.WriteMcpAnswer(writer, payload.Method, payload.RawId, SessionId);
            _outbound.WriteText(writer.WrittenSpan);
        }
        else if (_tools is { } tools)
        {
            tools.OnMcp(payload);
        }
        else
        {
            _services.DeviceTools.Metrics.NotOffered.Increment();
        }
    }

    private DeviceTools ToolsOfDevice()
    {
        if (_tools is null)
        {
            Volatile.Write(ref _tools, new DeviceTools(_services.DeviceTools, this));
        }

        return _tools!;
    }
}
