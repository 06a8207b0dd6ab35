namespace FastGate.Protocol.Messages;

/// <summary>The <c>action</c> of a <c>server</c> message.</summary>
public enum ServerAction : byte
{
    /// <summary>Missing, or not a string.</summary>
    None = 0,

    /// <summary>Restart the server.</summary>
    Restart,

    /// <summary>Reload the configuration.</summary>
    UpdateConfig,

    /// <summary>Any other string.</summary>
    Other,
}
