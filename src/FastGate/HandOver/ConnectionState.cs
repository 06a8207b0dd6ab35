namespace FastGate.HandOver;

/// <summary>One connection. Times are ages in milliseconds, because two processes need not have the same clock.</summary>
internal sealed record ConnectionState
{
    public int Descriptor { get; init; }

    /// <summary>Received bytes that were not consumed: an incomplete request, or a message that would begin a turn.</summary>
    public ReadOnlyMemory<byte> UnreadInput { get; init; }

    /// <summary>Written bytes that the kernel has not accepted. They are sent before all others.</summary>
    public ReadOnlyMemory<byte> UnsentOutput { get; init; }

    /// <summary><c>ConnectionPhase</c>; <c>Closed</c> for a connection that the transport only has to close in order.</summary>
    public byte Phase { get; init; }

    public string DeviceId { get; init; } = "";

    public byte IdentitySource { get; init; }

    /// <summary><c>ConnectionEndReason</c> of a connection that is closing; 0 for others.</summary>
    public byte EndReason { get; init; }

    public long OpenedAgeMs { get; init; }

    public long LastInboundAgeMs { get; init; }

    /// <summary>Age of the idle warning; -1 when there was none.</summary>
    public long WarnedAgeMs { get; init; } = -1;

    /// <summary>Time left for the phase, the write and the close; -1 for none.</summary>
    public long PhaseLeftMs { get; init; } = -1;

    public long WriteLeftMs { get; init; } = -1;

    public long CloseLeftMs { get; init; } = -1;

    /// <summary>The state of <c>MessageAssembler</c> inside a frame or a message; empty between messages.</summary>
    public ReadOnlyMemory<byte> PartialMessage { get; init; }

    /// <summary>The number of the connection in a directory of several nodes; 0 for none.</summary>
    public long ClaimEpoch { get; init; }

    /// <summary>Window bits of permessage-deflate; 0 without it.</summary>
    public byte DeflateBits { get; init; }

    /// <summary>The client's address as a proxy has reported it: 16 bytes and the port, big-endian. Empty for the address of the socket.</summary>
    public ReadOnlyMemory<byte> ReportedClient { get; init; }

    /// <summary>Null before the handshake is finished, and after the close frame: a client with a session can be sent a close frame.</summary>
    public SessionState? Session { get; init; }
}
