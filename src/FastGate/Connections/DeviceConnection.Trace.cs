using System.Net;
using FastGate.Flight;
using FastGate.Protocol.Framing;

namespace FastGate.Connections;

/// <summary>Lines of an operator's trace. Without a trace each call is one read and one branch (ConnectionAllocationTests).</summary>
internal sealed partial class DeviceConnection
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
                traces.Text(_deviceId, PeerOf(traces), isInbound: true, message.Payload);
                break;
            case Opcode.Binary:
                traces.Length(_deviceId, PeerOf(traces), isInbound: true, "binary", message.Payload.Length);
                break;
            default:
                traces.Length(_deviceId, PeerOf(traces), isInbound: true, message.Opcode == Opcode.Ping ? "ping" : message.Opcode == Opcode.Pong ? "pong" : "close", message.Payload.Length);
                break;
        }
    }

    private void TraceOutbound(ReadOnlySpan<byte> utf8)
    {
        if (services.Traces is { IsOn: true } traces)
        {
            traces.Text(_deviceId, PeerOf(traces), isInbound: false, utf8);
        }
    }

    private void TraceOutbound(string kind, int length)
    {
        if (services.Traces is { IsOn: true } traces)
        {
            traces.Length(_deviceId, PeerOf(traces), isInbound: false, kind, length);
        }
    }

    private void TraceConnected()
    {
        if (services.Traces is { IsOn: true } traces)
        {
            traces.Event(_deviceId, PeerOf(traces), "connected", $"session {_session!.SessionId}");
        }
    }

    /// <summary>The address is an object that is made, and on some transports kept, for the question; a trace of a device does not ask.</summary>
    private EndPoint? PeerOf(Traces traces) => traces.HasAddress ? context.RemoteEndPoint : null;
}
