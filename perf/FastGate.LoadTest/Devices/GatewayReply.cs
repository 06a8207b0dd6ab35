namespace FastGate.LoadTest.Devices;

/// <summary>What the gateway said.</summary>
internal enum GatewayReply
{
    /// <summary>Nothing a device acts upon.</summary>
    Other,

    /// <summary>The answer to hello.</summary>
    Hello,

    /// <summary>The answer to ping.</summary>
    Pong,

    /// <summary>What the user was understood to say: the turn has begun.</summary>
    Stt,

    /// <summary>Speaking begins.</summary>
    TtsStart,

    /// <summary>A sentence.</summary>
    TtsSentence,

    /// <summary>Speaking is over.</summary>
    TtsStop,

    /// <summary>A notice: replaced, or about to time out.</summary>
    System,
}
