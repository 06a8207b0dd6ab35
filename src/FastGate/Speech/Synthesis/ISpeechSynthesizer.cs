namespace FastGate.Speech.Synthesis;

/// <summary>Turns text into speech. Any thread; calls run side by side.</summary>
internal interface ISpeechSynthesizer : IDisposable
{
    /// <summary>The provider's alias, for logs and metrics.</summary>
    string Name { get; }

    /// <summary>The provider's server, for traces; null for a program of this machine.</summary>
    Uri? Server => null;

    /// <summary>Streams the sound of one sentence as it is made. Cancelling ends the program or closes the connection.</summary>
    /// <exception cref="SpeechProviderException">The provider failed; the message is for the log and holds no secret.</exception>
    IAsyncEnumerable<SoundPiece> SynthesizeAsync(string sentence, CancellationToken cancellationToken);
}
