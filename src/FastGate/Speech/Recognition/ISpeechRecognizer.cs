using FastGate.Speech.Hearing;

namespace FastGate.Speech.Recognition;

/// <summary>Turns speech into text. Any thread; calls run side by side.</summary>
internal interface ISpeechRecognizer : IDisposable
{
    /// <summary>The provider's alias, for logs and metrics.</summary>
    string Name { get; }

    /// <summary>The provider's server, for traces; null for a program of this machine.</summary>
    Uri? Server => null;

    /// <summary>
    /// Called when speech begins: a streaming recogniser reads along, another waits for the end. Cancelling closes the connection.
    /// </summary>
    /// <returns>The words; empty when there were none.</returns>
    /// <exception cref="SpeechProviderException">The provider failed; the message is for the log and holds no secret.</exception>
    Task<string> RecognizeAsync(Utterance utterance, CancellationToken cancellationToken);
}
