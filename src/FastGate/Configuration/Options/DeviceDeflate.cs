using FastGate.Configuration.Validation;

namespace FastGate.Configuration.Options;

/// <summary>
/// Compression of messages (permessage-deflate, RFC 7692), for clients that offer it. No window is kept between messages, so an idle device costs nothing; a
/// decompressed message may be as long as <c>Devices:Limits:Message</c>.
/// </summary>
internal sealed record DeviceDeflate : IOptionSection
{
    /// <summary>Whether clients may negotiate permessage-deflate. Each compressed message costs the event loop time.</summary>
    public bool Enabled { get; init; }

    /// <summary>Length in bytes from which a text is compressed; shorter ones and sound never are.</summary>
    [WholeNumber(16, 1024 * 1024 * 1024)]
    public int MinText { get; init; } = 256;
}
