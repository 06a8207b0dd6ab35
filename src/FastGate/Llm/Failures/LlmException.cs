namespace FastGate.Llm.Failures;

/// <summary>A classified failure of a provider.</summary>
internal sealed class LlmException(LlmFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    public LlmFailure Failure { get; } = failure;

    /// <summary>HTTP status, or 0.</summary>
    public int Status { get; init; }

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The same failure without the secret that the provider repeated in its message; itself where there is none.</summary>
    public LlmException Without(string? secret) => LogText.Without(Message, secret) is var clean && clean == Message
        ? this
        : new LlmException(Failure, clean) { Status = Status, RetryAfter = RetryAfter };
}
