using FastGate.Transport.Loops;
using Microsoft.AspNetCore.Connections;

namespace FastGate.Tests.Transport;

/// <summary>Lets a handler hold its input or output while other connections of the loop are served.</summary>
internal static class LoopHop
{
    /// <summary>Ends the current callback and continues on the loop in a later turn.</summary>
    public static Task NextTurnAsync(this ConnectionContext connection)
    {
        // Continuations run inside SetResult, on the loop.
        var turn = new TaskCompletionSource();
        ((LoopConnection)connection).Loop.Post(static state => ((TaskCompletionSource)state!).SetResult(), turn);
        return turn.Task;
    }
}
