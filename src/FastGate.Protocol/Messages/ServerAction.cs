namespace FastGate.Protocol.Messages;

/// <summary>The <c>action</c> of a <c>server</c> message.</summary>
public enum ServerAction : byte
{
    /// <summary>Missing, or no string.</summary>
    None = 0,

    /// <summary>The server shall restart.</summary>
    Restart,

    /// <summary>The server shall read its configuration again.</summary>
    UpdateConfig,

    /// <summary>Some other string.</summary>
    Other,
}
