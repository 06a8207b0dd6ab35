using System.IO.Pipelines;

namespace FastGate.Transport.Input;

/// <summary>Takes the input of a connection by calls, so that no task exists while the connection waits. See <see cref="ICallingInput"/>.</summary>
public interface IInputHandler
{
    /// <summary>The handler does not take the input of <see cref="TryAnswer"/>.</summary>
    const int NotTaken = -1;

    /// <summary>
    /// Offers all received bytes of a connection that waits, before a pipe is taken for them. A handler that can handle all of it at once does so, and keeps nothing of
    /// the input. It may use the pipe only to request that reading be paused.
    /// </summary>
    /// <param name="input">The received bytes.</param>
    /// <param name="output">Room for the answer: at least the size of the input. The handler may use it as scratch memory.</param>
    /// <param name="tickMs">About now, in the milliseconds of <see cref="Environment.TickCount64"/>: read once for all connections of a turn.</param>
    /// <returns>Bytes of the answer, which are sent in this turn of the loop, 0 for none; <see cref="NotTaken"/> to be called with the input instead.</returns>
    int TryAnswer(ReadOnlySpan<byte> input, Span<byte> output, long tickMs);

    /// <summary>What a read would have returned. As after a read, the handler must advance the reader.</summary>
    /// <returns>Null to be called with the next input; or a task that reads by itself, and whose end is that of the connection unless it asks for calls again.</returns>
    Task? OnInput(in ReadResult read);

    /// <summary>The connection has ended for this reason, with which a read would fail. No more calls follow.</summary>
    void OnInputFailed(Exception reason);
}
