using FastGate.Diagnostics;

namespace FastGate.Sessions;

/// <summary>How a device is answered. Implemented by its connection, one floor up.</summary>
internal interface IDeviceOutbound
{
    /// <summary>Writes one text message straight into the pipe; it leaves with the flush that ends the current read. Loop only.</summary>
    void WriteText(ReadOnlySpan<byte> utf8);

    /// <summary>Writes the answer to a JSON ping. Allocates nothing. Loop only.</summary>
    void WritePong();

    /// <summary>
    /// Queues a message for the loop to write. Any thread; never blocks. A device that lets more than its outbound limit pile up is closed.
    /// </summary>
    void Post(OutboundMessage message);

    /// <summary>Asks for a polite end after what is queued has been written. Any thread; the first reason wins.</summary>
    void RequestClose(ConnectionEndReason reason);
}
