namespace FastGate.Speech;

/// <summary>A recogniser or synthesiser failed. The message is for the log and holds no secret.</summary>
internal sealed class SpeechProviderException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>All slots are in use: the provider was not asked and did not fail.</summary>
    public bool IsBusy { get; init; }
}
