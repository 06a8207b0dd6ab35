namespace FastGate.Llm.Settings;

/// <summary>The parts a <c>timeout</c> may be given in.</summary>
internal enum LlmTimeoutPart
{
    Unknown,
    Connect,
    FirstToken,
    BetweenTokens,

    /// <summary>Silence allowed at any point of the reply: both <see cref="FirstToken"/> and <see cref="BetweenTokens"/>.</summary>
    Read,
    Total,

    /// <summary>A part other HTTP clients know; nothing here depends on it.</summary>
    Ignored,
}
