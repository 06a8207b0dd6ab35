using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>Upper bounds of what an untrusted client may send or make the gateway keep; in bytes unless the name counts.</summary>
internal sealed record DeviceLimits : IOptionSection
{
    /// <summary>Longest first line of a request.</summary>
    [WholeNumber(64, 16 * 1024)]
    public int RequestLine { get; init; } = 2 * 1024;

    /// <summary>Longest headers of a request, all together.</summary>
    [WholeNumber(256, 32 * 1024)]
    public int Headers { get; init; } = 8 * 1024;

    /// <summary>Most headers of a request.</summary>
    [WholeNumber(5, 1_000, Note = "an upgrade has at least five")]
    public int HeaderCount { get; init; } = 64;

    /// <summary>Largest frame of a device. The firmware cannot send one above 65,535 bytes.</summary>
    [WholeNumber(125, 1024 * 1024 * 1024, Note = "a control frame has up to 125 bytes")]
    public int Frame { get; init; } = 64 * 1024;

    /// <summary>Longest message of a device, all its frames together.</summary>
    [WholeNumber(125, 1024 * 1024 * 1024)]
    public int Message { get; init; } = 256 * 1024;

    /// <summary>
    /// Unfinished messages of all devices together; beyond it the largest and oldest are ended with close 1013. 0 is an eighth of the memory that the
    /// garbage collector may use, at most 1 GiB.
    /// </summary>
    [WholeNumber(0, 1024 * 1024 * 1024)]
    public int UnfinishedMessages { get; init; }

    /// <summary>Frames that one message may consist of, empty ones included.</summary>
    [WholeNumber(1, 16_777_216)]
    public int Fragments { get; init; } = 64;

    /// <summary>What may wait for a device that does not read; beyond it the device is closed.</summary>
    [WholeNumber(1_024, 1024 * 1024 * 1024)]
    public int Outbound { get; init; } = 128 * 1024;

    /// <summary>
    /// Largest payload of an outgoing text frame, from 16 to <see cref="Outbound"/>; 0 sends whole messages. Old firmware has a receive buffer of
    /// 2,048 bytes.
    /// </summary>
    public int OutboundFrame { get; init; }
}
