using FastGate.Protocol.Framing;

namespace FastGate.Connections;

/// <summary>Lines of an operator's trace. Without a trace each call is one read and one branch (ConnectionAllocationTests).</summary>
internal partial class DeviceConnection
{
    private void TraceInbound(in AssembledMessage message)
    {
        if (services.Traces is not { IsOn: true } traces)
        {
            return;
        }

        switch (message.Opcode)
        {
            case Opcode.Text:
                traces.Text(_deviceId, SourceAddress, isInbound: true, message.Payload);
                break;
            case Opcode.Binary:
                traces.Length(_deviceId, SourceAddress, isInbound: true, "binary", message.Payload.Length);
                break;
            default:
                traces.Length(_deviceId, SourceAddress, isInbound: true, message.Opcode == Opcode.Ping ? "ping" : message.Opcode == Opcode.Pong ? "pong" : "close", message.Payload.Length);
                break;
        }
    }

    private void TraceOutbound(ReadOnlySpan<byte> utf8)
    {
        if (services.Traces is { IsOn: true } traces)
        {
            traces.Text(_deviceId, SourceAddress, isInbound: false, utf8);
        }
    }

    private void TraceOutbound(string kind, int length)
    {
        if (services.Traces is { IsOn: true } traces)
        {
            traces.Length(_deviceId, SourceAddress, isInbound: false, kind, length);
        }
    }

    private void TraceConnected()
    {
        if (services.Traces is { IsOn: true } traces)
        {
            traces.Event(_deviceId, SourceAddress, "connected", $"session {_session!.SessionId}");
        }
    }
}
