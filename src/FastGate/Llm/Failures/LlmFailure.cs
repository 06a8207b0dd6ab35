namespace FastGate.Llm.Failures;

/// <summary>How a call to a provider failed: one closed list, used as metric tag, log field and for what is done about it.</summary>
internal enum LlmFailure
{
    None,

    /// <summary>Interrupted by us; nobody's fault.</summary>
    Cancelled,

    /// <summary>The breaker is open: nothing was sent.</summary>
    BreakerOpen,

    /// <summary>The provider's slots were all taken for as long as a first token may take: it is well, there are too many of us.</summary>
    Busy,

    /// <summary>No client could be made from the configuration.</summary>
    NotMade,

    Unreachable,
    FirstTokenTimeout,
    BetweenTokensTimeout,

    /// <summary>The call's time is up, or what was left of it was too little to judge the provider by.</summary>
    TotalTimeout,

    /// <summary>Status 429.</summary>
    Throttled,

    /// <summary>Any other status that is not success.</summary>
    Refused,

    /// <summary>The stream broke off.</summary>
    Cut,

    /// <summary>What came is not a reply.</summary>
    Garbage,

    /// <summary>A proper reply without a word.</summary>
    Empty,

    /// <summary>Something no other value names.</summary>
    Unexpected,
}
