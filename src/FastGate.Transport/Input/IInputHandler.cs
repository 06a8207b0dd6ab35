using System.IO.Pipelines;

namespace FastGate.Transport.Input;

/// <summary>Takes the input of a connection by calls, so that no task exists while the connection waits. See <see cref="ICallingInput"/>.</summary>
public interface IInputHandler
{
    /// <summary>What a read would have returned. As after a read, the handler must advance the reader.</summary>
    /// <returns>Null to be called with the next input; or a task that reads by itself, and whose end is that of the connection unless it asks for calls again.</returns>
    Task? OnInput(in ReadResult read);

    /// <summary>The connection has ended for this reason, with which a read would fail. No more calls follow.</summary>
    void OnInputFailed(Exception reason);
}
