namespace FastGate.LoadTest.Devices;

/// <summary>The kind of a text message from the gateway.</summary>
internal enum GatewayReply
{
    /// <summary>A message that a device ignores.</summary>
    Other,

    /// <summary>The answer to hello.</summary>
    Hello,

    /// <summary>The answer to ping.</summary>
    Pong,

    /// <summary>The recognized text of the user: the turn has begun.</summary>
    Stt,

    /// <summary>Speaking begins.</summary>
    TtsStart,

    /// <summary>A sentence of the answer.</summary>
    TtsSentence,

    /// <summary>Speaking has ended.</summary>
    TtsStop,

    /// <summary>A notice: replaced, or close to a timeout.</summary>
    System,
}
