namespace FastGate.Llm.Failures;

/// <summary>How a call to a provider failed. Metric tag and log field; decides about retries and the breaker.</summary>
internal enum LlmFailure
{
    None,

    /// <summary>Cancelled by the gateway.</summary>
    Cancelled,

    /// <summary>The breaker is open; no request was sent.</summary>
    BreakerOpen,

    /// <summary>No slot of the provider became free within the first-token timeout; the provider itself works.</summary>
    Busy,

    /// <summary>No client could be created from the configuration.</summary>
    NotMade,

    Unreachable,
    FirstTokenTimeout,
    BetweenTokensTimeout,

    /// <summary>The call's total time is used up, or too little was left to blame the provider.</summary>
    TotalTimeout,

    /// <summary>Status 429.</summary>
    Throttled,

    /// <summary>Any other error status.</summary>
    Refused,

    /// <summary>The stream ended early.</summary>
    Cut,

    /// <summary>The response is not a valid reply.</summary>
    Garbage,

    /// <summary>A valid reply without words.</summary>
    Empty,

    /// <summary>None of the above.</summary>
    Unexpected,
}
