namespace FastGate.Transport.Input;

/// <summary>
/// Feature of a connection that calls its handler with each input instead of completing a read. An idle connection then costs no state machine, and its
/// input takes no continuation.
/// </summary>
public interface ICallingInput
{
    /// <summary>
    /// For the handler's task, which must end next without a read in progress: the connection does not end with it, but calls <paramref name="handler"/>
    /// with the input.
    /// </summary>
    /// <remarks>
    /// Between two calls the connection has no pipe: the handler takes reader and writer from the connection in each call, and keeps neither.
    /// </remarks>
    void CallWithInput(IInputHandler handler);

    /// <summary>As <see cref="System.IO.Pipelines.PipeReader.CancelPendingRead"/>, at any time. Any thread.</summary>
    void CancelPendingRead();

    /// <summary>As <see cref="System.IO.Pipelines.PipeWriter.CancelPendingFlush"/>, at any time. Any thread.</summary>
    void CancelPendingFlush();
}
