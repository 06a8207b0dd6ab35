namespace FastGate.Configuration.Options;

/// <summary>The language of the texts that a user hears or reads.</summary>
internal enum SessionLanguage : byte
{
    /// <summary>As the option: per device, from <c>Accept-Language</c> or the user's words. Of a device: not known, which means Chinese.</summary>
    Auto,
    Zh,
    En,
}
