namespace FastGate.Transport.Input;

/// <summary>
/// Feature of a connection whose input can wait in the kernel while its handler still writes and gets cancelled reads. For the handler, between two reads.
/// </summary>
public interface IPausableInput
{
    /// <summary>From now on a read waits for a cancellation or the end of the connection. Input that was received before may still be returned.</summary>
    void PauseInput();

    /// <summary>Reads return input again.</summary>
    void ResumeInput();
}
