namespace FastGate.Commands;

/// <summary>Whether a connected device can take a command.</summary>
internal enum CommandReadiness
{
    /// <summary>Before its hello, or while its tools are being listed.</summary>
    NotYet,

    Ready,

    /// <summary>It offers no tools.</summary>
    Never,
}
