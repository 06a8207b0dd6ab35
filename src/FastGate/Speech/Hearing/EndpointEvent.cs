namespace FastGate.Speech.Hearing;

/// <summary>The change that a window of sound caused.</summary>
internal enum EndpointEvent
{
    None,

    /// <summary>Speech has begun, a few windows ago.</summary>
    Started,

    /// <summary>Speech has ended: there was silence long enough.</summary>
    Ended,
}
