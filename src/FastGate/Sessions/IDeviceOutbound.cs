using System.Net;
using FastGate.Diagnostics;

namespace FastGate.Sessions;

/// <summary>Sends to a device; implemented by its connection.</summary>
internal interface IDeviceOutbound
{
    /// <summary>Duration for <see cref="BusyFor"/> while a turn is in progress. The timeouts of the turn bound it.</summary>
    const long UntilTurnEnds = long.MaxValue;

    /// <summary>The id of the device. Any thread.</summary>
    string DeviceId { get; }

    /// <summary>The address that management secrets are counted by.</summary>
    EndPoint? RemoteEndPoint { get; }

    /// <summary>Writes a text message into the pipe; the flush after the current read sends it. Loop only.</summary>
    void WriteText(ReadOnlySpan<byte> utf8);

    /// <summary>Writes the reply to a JSON ping. No allocation. Loop only.</summary>
    void WritePong();

    /// <summary>
    /// Queues a message for the loop. Any thread; never blocks. Closes a device whose queue exceeds its limit.
    /// </summary>
    void Post(OutboundMessage message);

    /// <summary>
    /// The device has something to wait for or to play for that long from now: the idle time starts afterwards. Replaces the value of an earlier
    /// call; <see cref="UntilTurnEnds"/> holds until the next call. Loop only.
    /// </summary>
    void BusyFor(long milliseconds);

    /// <summary>
    /// Queues a frame of sound. Any thread; never blocks. False when half of the device's queue is used: late sound is worth nothing, and the rest of
    /// the queue is for messages.
    /// </summary>
    bool PostAudio(OutboundMessage message);

    /// <summary>
    /// The message that is being handled begins a turn, which is the next owner's: the connection leaves with it as its first unread input. False when
    /// it cannot leave. Loop only.
    /// </summary>
    bool TryDefer();

    /// <summary>Closes the connection after the queued messages are written. Any thread; the first reason wins.</summary>
    void RequestClose(ConnectionEndReason reason);
}
