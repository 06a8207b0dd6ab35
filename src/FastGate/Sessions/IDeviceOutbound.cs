using FastGate.Diagnostics;

namespace FastGate.Sessions;

/// <summary>Sends to a device; implemented by its connection.</summary>
internal interface IDeviceOutbound
{
    /// <summary>Writes a text message into the pipe; the flush after the current read sends it. Loop only.</summary>
    void WriteText(ReadOnlySpan<byte> utf8);

    /// <summary>Writes the reply to a JSON ping. No allocation. Loop only.</summary>
    void WritePong();

    /// <summary>
    /// Queues a message for the loop. Any thread; never blocks. Closes a device whose queue exceeds its limit.
    /// </summary>
    void Post(OutboundMessage message);

    /// <summary>Closes the connection after the queued messages are written. Any thread; the first reason wins.</summary>
    void RequestClose(ConnectionEndReason reason);
}
