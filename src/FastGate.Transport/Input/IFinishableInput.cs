namespace FastGate.Transport.Input;

/// <summary>
/// Feature of a connection whose handler may know that the peer sends nothing more, because the protocol has ended. For the handler, before it ends.
/// </summary>
public interface IFinishableInput
{
    /// <summary>
    /// The connection is closed as soon as the handler has ended and all output is sent. Input that has arrived nevertheless is discarded first, because a
    /// close would answer it with a reset.
    /// </summary>
    void FinishInput();
}
