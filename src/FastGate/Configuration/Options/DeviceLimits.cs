namespace FastGate.Configuration.Options;

/// <summary>Upper bounds of what a stranger may send or make us keep, in bytes unless the name counts.</summary>
internal sealed record DeviceLimits
{
    public int RequestLine { get; init; } = 2 * 1024;

    public int Headers { get; init; } = 8 * 1024;

    public int HeaderCount { get; init; } = 64;

    /// <summary>The firmware cannot send a frame above 65,535 bytes.</summary>
    public int Frame { get; init; } = 64 * 1024;

    public int Message { get; init; } = 256 * 1024;

    /// <summary>Frames one message may come in; empty ones count.</summary>
    public int Fragments { get; init; } = 64;

    /// <summary>What may wait for a device that does not read; beyond it the device is closed.</summary>
    public int Outbound { get; init; } = 128 * 1024;

    /// <summary>Largest payload of an outgoing text frame; 0 sends whole messages. Old firmware has a 2,048-byte receive buffer.</summary>
    public int OutboundFrame { get; init; }
}
