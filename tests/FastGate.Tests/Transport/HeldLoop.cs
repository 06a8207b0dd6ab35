using FastGate.Transport.Loops;

namespace FastGate.Tests.Transport;

/// <summary>A loop kept in the middle of a turn, awake, until this is disposed: what comes meanwhile waits in the kernel and in its queues.</summary>
internal sealed class HeldLoop : IDisposable
{
    private readonly ManualResetEventSlim _gate = new();

    private HeldLoop()
    {
    }

    public static async Task<HeldLoop> HoldAsync(EventLoop loop)
    {
        var hold = new HeldLoop();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(
            _ =>
            {
                held.SetResult();
                hold._gate.Wait();
            },
            null);
        await held.Task.Within();
        return hold;
    }

    /// <summary>The gate itself is not disposed of: the loop may be on its way out of it.</summary>
    public void Dispose() => _gate.Set();
}
