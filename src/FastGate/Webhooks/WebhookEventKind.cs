namespace FastGate.Webhooks;

/// <summary>What happened; a receiver selects by it.</summary>
[Flags]
internal enum WebhookEventKind
{
    None = 0,

    /// <summary>The device's upgrade was answered with 101.</summary>
    Connected = 1,

    /// <summary>The first hello of the connection was accepted.</summary>
    Registered = 2,

    Disconnected = 4,

    TurnFinished = 8,

    All = Connected | Registered | Disconnected | TurnFinished,
}
