namespace FastGate.Speech.Hearing;

/// <summary>What a window changed.</summary>
internal enum EndpointEvent
{
    None,

    /// <summary>Speech has begun, a few windows ago.</summary>
    Started,

    /// <summary>Speech has ended: there was silence long enough.</summary>
    Ended,
}
